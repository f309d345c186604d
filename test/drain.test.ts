import { randomUUID } from "node:crypto";
import type { SpawnedScript } from "@dekhand/testing";
import { eventually } from "@dekhand/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { messages } from "./stack/messages.ts";
import { deadLetters } from "./stack/raw-queues.ts";
import { plainProfile, region, type Stack, startStack } from "./stack/start-stack.ts";

const drainMs = 4_000;
/** What a busy machine may take on top. Little beside what an encryptor would wait for that did not stop: 60 s and more. */
const slackMs = 5_000;
/** Long, so that a message can only be back soon because it was handed back. */
const env = { DEKHAND_DRAIN_MS: `${drainMs}`, DEKHAND_LEASE_SECONDS: "600", DEKHAND_CONCURRENCY: "64" };

describe("an encryptor that is told to stop", { timeout: 90_000 }, () => {
  let stack: Stack;

  beforeEach(async () => {
    stack = await startStack();
  });
  afterEach(() => stack[Symbol.asyncDispose]());

  const records = (count: number) =>
    Array.from({ length: count }, (_, index) => ({
      ...{ recordId: `r-${index}-${randomUUID()}`, profile: plainProfile },
      payload: Buffer.from(`payload ${index}`),
    }));

  async function submit(jobs: ReturnType<typeof records>) {
    const results = await Promise.all([
      stack.client.submitAll(jobs.filter((_, index) => index % 4 > 0)),
      stack.client.submitAll(
        jobs.filter((_, index) => index % 4 === 0),
        { via: "bullmq" },
      ),
    ]);
    expect(results.flat().filter(({ ok }) => !ok)).toEqual([]);
  }

  async function stop(encryptor: SpawnedScript) {
    const since = performance.now();
    encryptor.kill("SIGTERM");
    const exit = await encryptor.exited;
    return { ...exit, ms: performance.now() - since };
  }

  async function allReadable(jobs: ReturnType<typeof records>) {
    await eventually(async () => expect(await messages(stack)).toEqual({ visible: 0, hidden: 0, bullmq: 0 }), {
      timeoutMs: 60_000,
      intervalMs: 100,
    });
    for (const { recordId, payload } of jobs) expect((await stack.client.read(recordId, {})).payload).toEqual(payload);
    expect(await deadLetters(stack)).toEqual([]);
  }

  it("finishes what it holds, leaves the rest on the queues, and exits 0: nothing is lost", async () => {
    const jobs = records(400);
    await submit(jobs);
    stack.aws.control.setLatency(region, 100, { service: "dynamodb" });
    const encryptor = await stack.spawnEncryptor(env);
    await eventually(async () => expect((await messages(stack)).visible).toBeLessThan(220), { timeoutMs: 30_000 });
    const { code, ms } = await stop(encryptor);
    expect({ code }).toEqual({ code: 0 });
    expect(ms).toBeLessThan(drainMs + slackMs);
    const left = await messages(stack);
    expect(left.hidden).toBe(0);
    expect(left.visible).toBeGreaterThan(0);

    stack.aws.control.clearFaults(region);
    await stack.spawnEncryptor(env);
    await allReadable(jobs);
  });

  it("hands back at its deadline what KMS keeps it from finishing, and exits 0", async () => {
    stack.aws.control.setLatency(region, 120_000, { service: "kms", operation: "GenerateDataKey" });
    const jobs = records(100);
    await submit(jobs);
    const encryptor = await stack.spawnEncryptor(env);
    await eventually(async () => expect((await messages(stack)).hidden).toBeGreaterThan(40), { timeoutMs: 30_000 });
    const { code, ms } = await stop(encryptor);
    expect({ code }).toEqual({ code: 0 });
    expect(ms).toBeLessThan(drainMs + slackMs);
    expect(await messages(stack)).toEqual({ visible: 75, hidden: 0, bullmq: 25 });

    stack.aws.control.clearFaults(region);
    await stack.spawnEncryptor(env);
    await allReadable(jobs);
  });

  it("ends within its deadline when AWS is cut off, and the jobs come back when their leases end", async () => {
    const jobs = records(200);
    stack.aws.control.setLatency(region, 120_000, { service: "kms", operation: "GenerateDataKey" });
    await submit(jobs);
    const encryptor = await stack.spawnEncryptor({ ...env, DEKHAND_LEASE_SECONDS: "6" });
    await eventually(async () => expect((await messages(stack)).hidden).toBeGreaterThan(40), { timeoutMs: 30_000 });
    stack.aws.control.cutOff(region, true, { mode: "hang" });
    const { code, ms } = await stop(encryptor);
    expect(code).toBe(0);
    expect(ms).toBeLessThan(drainMs + slackMs);

    stack.aws.control.clearFaults(region);
    await stack.spawnEncryptor(env);
    await allReadable(jobs);
  });

  it("a second signal ends it at once with code 4, and the jobs come back when their leases end", async () => {
    stack.aws.control.setLatency(region, 120_000, { service: "kms", operation: "GenerateDataKey" });
    const jobs = records(40);
    await submit(jobs);
    const encryptor = await stack.spawnEncryptor({ ...env, DEKHAND_DRAIN_MS: "60000", DEKHAND_LEASE_SECONDS: "3" });
    await eventually(async () => expect((await messages(stack)).hidden).toBe(30), { timeoutMs: 30_000 });
    encryptor.kill("SIGTERM");
    await encryptor.waitForLine(/"msg":"stopping/);
    const { code, ms } = await stop(encryptor);
    expect({ code }).toEqual({ code: 4 });
    expect(ms).toBeLessThan(slackMs);

    stack.aws.control.clearFaults(region);
    await stack.spawnEncryptor({ ...env, DEKHAND_LEASE_SECONDS: "3" });
    await allReadable(jobs);
  });
});
