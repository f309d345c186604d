import { createServer } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { createHealth } from "./health.ts";
import { createLogger } from "./logger.ts";
import { createMetrics } from "./metrics.ts";
import { createOpsServer, type OpsServer } from "./ops-server.ts";

let stack = new AsyncDisposableStack();

afterEach(async () => {
  await stack.disposeAsync();
  stack = new AsyncDisposableStack();
});

function make(port = 0) {
  const health = createHealth();
  const metrics = createMetrics({ service: "sample" });
  const server: OpsServer = createOpsServer({
    port,
    metrics,
    health,
    logger: createLogger({ service: "sample", level: "silent" }),
  });
  stack.defer(() => server.close());
  return { server, health, metrics };
}

describe("the ops server", () => {
  it("listens on loopback only unless told otherwise", async () => {
    expect((await make().server.start()).url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  });

  it("answers 200 for good health and 503 for bad, with the report", async () => {
    const { server, health } = make();
    const { url } = await server.start();
    health.register("redis", async () => ({ ok: false, detail: "ECONNREFUSED" }));
    const live = await fetch(`${url}/health/live`);
    expect([live.status, await live.json()]).toEqual([200, { ok: true, checks: {} }]);
    const ready = await fetch(`${url}/health/ready`);
    expect([ready.status, await ready.json()]).toMatchObject([
      503,
      { ok: false, checks: { redis: { detail: "ECONNREFUSED" } } },
    ]);
    expect(ready.headers.get("cache-control")).toBe("no-store");
  });

  it("serves the metrics as Prometheus reads them", async () => {
    const { server, metrics } = make();
    const { url } = await server.start();
    metrics.counter("jobs_total", "Jobs").inc();
    const response = await fetch(`${url}/metrics`);
    expect(response.headers.get("content-type")).toContain("text/plain");
    expect(await response.text()).toContain('dekhand_jobs_total{service="sample"} 1');
  });

  it("says nothing of an error's message", async () => {
    const { server, metrics } = make();
    const { url } = await server.start();
    metrics.gauge("broken", "Broken", [], () => {
      throw new Error("canary");
    });
    const response = await fetch(`${url}/metrics`);
    expect([response.status, await response.json()]).toEqual([500, { error: "internal" }]);
  });

  it("closes although a client keeps its connection, and leaves nothing open", async () => {
    const { server } = make();
    const { url } = await server.start();
    await (await fetch(`${url}/health/live`)).text();
    await server.close();
    await expect(fetch(`${url}/health/live`)).rejects.toThrow();
  });

  it("says which port it could not have", async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
    stack.defer(() => new Promise<void>((resolve) => taken.close(() => resolve())));
    const address = taken.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const expected = { code: "RUNTIME_OPS_LISTEN_FAILED", context: { host: "127.0.0.1", port } };
    await expect(make(port).server.start()).rejects.toMatchObject(expected);
  });
});
