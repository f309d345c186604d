import { embeddedCredentials } from "@dekhand/cli";
import { assembleControl } from "@dekhand/control";
import { createHealth, createLogger, createMetrics } from "@dekhand/runtime";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { plainProfile, region, type Stack, startStack } from "./stack/start-stack.ts";

let stack: Stack;
let control: ReturnType<typeof assembleControl>;
beforeEach(async () => {
  stack = await startStack();
  control = assembleControl({
    config: stack.config,
    credentials: embeddedCredentials,
    logger: createLogger({ service: "control", level: "silent" }),
    metrics: createMetrics({ service: "control" }),
    health: createHealth(),
    host: "127.0.0.1",
    port: 0,
    everyMs: 50,
  });
});
afterEach(async () => {
  await control.drain({ ms: 1_000 });
  await stack[Symbol.asyncDispose]();
});

const get = (path: string) => fetch(`${control.url()}${path}`);

describe("the control service", () => {
  it("shows waiting messages and live workers", async () => {
    await stack.client.submit({ recordId: "waits", profile: plainProfile, payload: Buffer.from("x") });
    await control.start();
    const metrics = async () => (await get("/metrics")).text();
    await expect
      .poll(metrics)
      .toMatch(/dekhand_queue_messages\{[^}]*queue="dekhand-encrypt"[^}]*state="waiting"[^}]*\} 1/);
    await stack.startEncryptor();
    await expect.poll(metrics).toMatch(/dekhand_workers_alive\{[^}]*worker_service="encryptor"[^}]*\} 1/);
  });

  it("is live but not ready while the deployment cannot be seen, and ready again by itself", async () => {
    await control.start();
    const ready = async () => (await get("/health/ready")).status;
    await expect.poll(ready).toBe(200);
    stack.aws.control.cutOff(region, true);
    await expect.poll(ready, { timeout: 40_000 }).toBe(503);
    expect((await get("/health/live")).status).toBe(200);
    stack.aws.control.cutOff(region, false);
    await expect.poll(ready, { timeout: 40_000 }).toBe(200);
  });
});
