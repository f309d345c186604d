import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort, spawnScript } from "@dekhand/testing";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";

const root = fileURLToPath(new URL("../..", import.meta.url));
const leadPort = join(root, "infra", "compose", "lead-port.ts");

interface Service {
  readonly image?: string;
  readonly build?: { readonly context: string; readonly dockerfile: string };
  readonly command?: readonly string[];
  readonly ports?: readonly string[];
  readonly network_mode?: string;
  readonly depends_on?: Readonly<Record<string, unknown>>;
  readonly volumes?: readonly string[];
}
interface ComposeFile {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}
const compose: ComposeFile = parse(readFileSync(join(root, "docker-compose.yml"), "utf8"));
const services = Object.entries(compose.services);

describe("docker-compose.yml", () => {
  it("publishes on loopback only", () => {
    const published = services.flatMap(([, { ports = [] }]) => ports);
    expect(published.length).toBeGreaterThan(0);
    for (const port of published) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
  });

  it("runs a Redis that never evicts", () => {
    expect(compose.services.redis?.command?.join(" ")).toContain("--maxmemory-policy noeviction");
  });

  it("names services, volumes, scripts and files that exist", () => {
    for (const [name, service] of services) {
      const others = Object.keys(service.depends_on ?? {});
      const shared = /^service:(.*)$/.exec(service.network_mode ?? "")?.[1];
      for (const other of shared === undefined ? others : [...others, shared])
        expect(compose.services, name).toHaveProperty(other);
      for (const volume of service.volumes ?? [])
        expect(compose.volumes, name).toHaveProperty(volume.split(":")[0] ?? "");
      if (service.build !== undefined) expect(existsSync(join(root, service.build.dockerfile)), name).toBe(true);
      const script = service.command?.[0] ?? "";
      if (script.endsWith(".ts")) expect(existsSync(join(root, script)), name).toBe(true);
    }
  });

  it("leads the published port to where the embedded AWS listens", () => {
    const { aws, "aws-port": port } = compose.services;
    const [from, to] = port?.command?.slice(1) ?? [];
    expect(aws?.ports).toEqual([`127.0.0.1:${to}:${from}`]);
    expect(aws?.command?.join(" ")).toContain(`--port ${to}`);
    expect(port?.network_mode).toBe("service:aws");
  });
});

describe("lead-port.ts", () => {
  it("leads requests to the port on loopback and back, and ends when it is told to", async () => {
    const server = createServer((request, response) => request.pipe(response)).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const address = server.address();
    const to = typeof address === "object" && address !== null ? address.port : 0;
    const from = await freePort();
    await using leading = await spawnScript({ script: leadPort, args: [String(from), String(to)], ready: /leading/ });
    const body = "x".repeat(300_000);
    const response = await fetch(`http://127.0.0.1:${from}/`, { method: "POST", body });
    expect(await response.text()).toBe(body);
    leading.kill("SIGTERM");
    expect(await leading.exited).toEqual({ code: 0, signal: null });
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  it("refuses what are no ports", async () => {
    await using wrong = await spawnScript({ script: leadPort, args: ["70000", "x"] });
    expect((await wrong.exited).code).toBe(2);
  });
});
