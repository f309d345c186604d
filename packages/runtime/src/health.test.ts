import { getEventListeners } from "node:events";
import { DekhandError } from "@dekhand/errors";
import { describe, expect, it } from "vitest";
import { createHealth } from "./health.ts";

class SampleError extends DekhandError<"SAMPLE_FAILED"> {}

describe("health", () => {
  it("is good when every check is, and without any", async () => {
    const health = createHealth();
    expect(await health.report()).toEqual({ ok: true, checks: {} });
    health.register("redis", async () => ({ ok: true, detail: "7.0" }));
    expect(await health.report()).toEqual({
      ok: true,
      checks: { redis: { ok: true, detail: "7.0", ms: expect.any(Number) } },
    });
  });

  it("tells live from ready: what is not ready is not restarted", async () => {
    const health = createHealth();
    health.register("redis", async () => ({ ok: false }));
    health.register("loop", async () => ({ ok: true }), { kind: "live" });
    expect((await health.report("live")).ok).toBe(true);
    const ready = await health.report("ready");
    expect([ready.ok, Object.keys(ready.checks)]).toEqual([false, ["redis", "loop"]]);
  });

  it("shows codes of what a check throws, never a foreign message", async () => {
    const health = createHealth();
    health.register("own", () => Promise.reject(new SampleError("SAMPLE_FAILED", "no")));
    health.register("foreign", () => Promise.reject(new Error("canary")));
    health.register("sync", () => {
      throw new TypeError("canary");
    });
    const { ok, checks } = await health.report();
    expect(ok).toBe(false);
    expect(checks).toMatchObject({
      own: { detail: "SAMPLE_FAILED" },
      foreign: { detail: "Error" },
      sync: { detail: "TypeError" },
    });
    expect(JSON.stringify(checks)).not.toContain("canary");
  });

  it("answers although a check never does, and tells that check to stop", async () => {
    const health = createHealth();
    const seen: AbortSignal[] = [];
    health.register(
      "stuck",
      (signal) => {
        seen.push(signal);
        return new Promise(() => {});
      },
      { timeoutMs: 5 },
    );
    expect(await health.report()).toMatchObject({
      ok: false,
      checks: { stuck: { ok: false, detail: "no answer within 5 ms" } },
    });
    expect(seen[0]?.aborted).toBe(true);
  });

  it("runs the checks once for probes that overlap, and again for later ones", async () => {
    const health = createHealth();
    let runs = 0;
    let listeners = 0;
    health.register("counted", async (signal) => {
      runs += 1;
      listeners = getEventListeners(signal, "abort").length;
      return { ok: true };
    });
    await Promise.all([health.report(), health.report(), health.report()]);
    expect(runs).toBe(1);
    await health.report();
    expect(runs).toBe(2);
    expect(listeners).toBeLessThan(4);
  });

  it("is not ready while the service stops, but live", async () => {
    const health = createHealth();
    health.markDraining();
    expect(await health.report("ready")).toMatchObject({ ok: false, checks: { draining: { ok: false } } });
    expect((await health.report("live")).ok).toBe(true);
  });

  it("forgets a check when told to, but not one that has taken its name", async () => {
    const health = createHealth();
    const remove = health.register("a", async () => ({ ok: false }));
    health.register("a", async () => ({ ok: true }));
    remove();
    expect(await health.report()).toMatchObject({ ok: true, checks: { a: { ok: true } } });
  });
});
