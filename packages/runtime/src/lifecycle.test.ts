import { type ChildProcessByStdio, spawn } from "node:child_process";
import { EventEmitter, on } from "node:events";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { EXIT_CODES, runService } from "./lifecycle.ts";
import { createLogger } from "./logger.ts";

const script = fileURLToPath(new URL("./testing/sample-service.ts", import.meta.url));
const children = new Set<ChildProcessByStdio<null, Readable, Readable>>();

afterEach(() => {
  for (const child of children) child.kill("SIGKILL");
  children.clear();
});

function run(...args: string[]) {
  const child = spawn(process.execPath, [script, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  children.add(child);
  const exited = new Promise<number | null>((resolve) => child.once("exit", (code) => resolve(code)));
  const output: string[] = [];
  child.stderr.on("data", (piece) => output.push(String(piece)));
  const lines = createInterface({ input: child.stdout });
  const arrived = on(lines, "line", { close: ["close"] });
  const nextLine = async (): Promise<string | undefined> => {
    const { done, value } = await arrived.next();
    if (done) return undefined;
    output.push(value[0]);
    return value[0];
  };
  const until = async (message: string): Promise<void> => {
    for (let line = await nextLine(); line !== undefined; line = await nextLine()) {
      if (JSON.parse(line).msg === message) return;
    }
    throw new Error(`the process ended without saying: ${message}`);
  };
  const ended = async (): Promise<number | null> => {
    while ((await nextLine()) !== undefined);
    return exited;
  };
  return { child, until, ended, said: () => output.join("\n") };
}

const stopping = "stopping: finishing or handing back what is in flight";

describe("a service's process", () => {
  it.each(["SIGTERM", "SIGINT"] as const)("drains on %s and ends with 0", async (signal) => {
    const { child, until, ended, said } = run("good");
    await until("started");
    child.kill(signal);
    await until("stopped");
    expect(await ended()).toBe(EXIT_CODES.ok);
    expect(said()).toContain("draining");
  });

  it("ends at once on a second signal, with a code of its own", async () => {
    const { child, until, ended } = run("stuck-drain", "60000");
    await until("started");
    child.kill("SIGTERM");
    await until("draining");
    child.kill("SIGTERM");
    expect(await ended()).toBe(EXIT_CODES.forced);
  });

  it("does not wait longer than the drain time, also while it still starts", async () => {
    const draining = run("stuck-drain", "0");
    const starting = run("stuck-start", "0");
    await Promise.all([draining.until("started"), starting.until("starting")]);
    draining.child.kill("SIGTERM");
    starting.child.kill("SIGTERM");
    await starting.until(stopping);
    expect(await Promise.all([draining.ended(), starting.ended()])).toEqual([
      EXIT_CODES.drainTimeout,
      EXIT_CODES.drainTimeout,
    ]);
  });

  it.each([
    ["bad-start", "cannot start"],
    ["uncaught", "uncaught error"],
    ["unhandled", "uncaught error"],
  ])("that fails (%s) says where, not what was in the message, and ends with 1", async (mode, message) => {
    const { until, ended, said } = run(mode);
    await until(message);
    expect(await ended()).toBe(EXIT_CODES.failed);
    expect(said()).not.toContain("canary");
    expect(said()).toContain("sample-service.ts");
  });

  it("that cannot drain ends with 1", async () => {
    const { child, until, ended } = run("bad-drain");
    await until("started");
    child.kill("SIGTERM");
    await until("cannot stop cleanly");
    expect(await ended()).toBe(EXIT_CODES.failed);
  });
});

describe("runService", () => {
  it("gives the drain the time that is left, can be stopped by a signal of the program, and leaves neither listener nor timer", async () => {
    const events = new EventEmitter();
    const controller = new AbortController();
    const logger = createLogger({ service: "sample", level: "silent" });
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
    const before = timers();
    let given: number | undefined;
    const started = Promise.withResolvers<void>();
    const service = {
      start: async () => started.resolve(),
      drain: async ({ ms }: { ms: number }) => {
        given = ms;
      },
    };
    const running = runService(service, { logger, drainMs: 5_000, process: events, signal: controller.signal });
    await started.promise;
    expect(events.eventNames()).toHaveLength(4);
    controller.abort();
    expect(await running).toBe(EXIT_CODES.ok);
    expect(given).toBeGreaterThan(4_000);
    expect(given).toBeLessThanOrEqual(5_000);
    expect(events.eventNames()).toHaveLength(0);
    expect(timers()).toBe(before);
  });
});
