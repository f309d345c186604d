import { randomInt } from "node:crypto";
import { DecryptCommand } from "@aws-sdk/client-kms";
import { recoverDek } from "@dekhand/envelope";
import { eventually, type SpawnedScript } from "@dekhand/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { messages } from "./stack/messages.ts";
import { deadLetters, openBullQueue } from "./stack/raw-queues.ts";
import { plainProfile, region, type Stack, startStack, tenantProfile } from "./stack/start-stack.ts";

const records = 5_000;
const kills = 7;
const env = {
  // Long enough for a machine that stalls. SQS allows ten receives of one message: a kill costs one, a shorter stall none.
  DEKHAND_LEASE_SECONDS: "10",
  DEKHAND_CONCURRENCY: "100",
};
/** What each write takes, in milliseconds: with 100 jobs at once of each queue, no machine stores over 2,000 records a second. */
const writeMs = 100;
/** How long after its moment a kill may come, in milliseconds. Far less than the work that the last moment leaves. */
const jitterMs = 150;
const seed = Number(process.env.DEKHAND_TEST_SEED ?? randomInt(2 ** 31));

describe(`an encryptor killed ${kills} times (DEKHAND_TEST_SEED=${seed})`, { timeout: 300_000 }, () => {
  let stack: Stack;
  const jobs = Array.from({ length: records }, (_, index) => ({
    ...{ id: `job-${index}`, recordId: `record-${index}`, payload: Buffer.from(`payload of record ${index}`) },
    ...(index % 3 === 0
      ? { profile: plainProfile, context: {} }
      : { profile: tenantProfile, context: { tenant: `tenant-${index % 5}` } }),
  }));

  beforeAll(async () => {
    stack = await startStack();
  });
  afterAll(() => stack?.[Symbol.asyncDispose]());

  it("works through all of its jobs nevertheless", async () => {
    const random = seededRandom(seed);
    const submitted = await Promise.all([
      stack.client.submitAll(jobs.filter((_, index) => index % 2 > 0)),
      stack.client.submitAll(
        jobs.filter((_, index) => index % 2 === 0),
        { via: "bullmq" },
      ),
    ]);
    expect(submitted.flat().filter(({ ok }) => !ok)).toEqual([]);
    stack.aws.control.setLatency(region, writeMs, { service: "dynamodb" });
    const caught = { sqs: 0, bullmq: 0 };
    for (let kill = 0; kill < kills; kill += 1) {
      // From before the first job to when an eighth of them is left.
      const moment = records * (1 - (kill + random()) / (kills + 1));
      const encryptor = await start();
      await eventually(async () => expect(await jobsLeft()).toBeLessThanOrEqual(moment), { timeoutMs: 100_000 });
      await aWhile(random() * jitterMs);
      encryptor.kill("SIGKILL");
      expect(await encryptor.exited).toEqual({ code: null, signal: "SIGKILL" });
      expect(await jobsLeft(), `kill ${kill + 1} came during the work`).toBeGreaterThan(0);
      const held = await jobsHeld();
      caught.sqs += held.sqs;
      caught.bullmq += held.bullmq;
    }
    expect(caught.sqs, "kills left messages with a dead worker").toBeGreaterThan(0);
    expect(caught.bullmq, "kills left BullMQ jobs with a dead worker").toBeGreaterThan(0);
    stack.aws.control.clearFaults(region);
    await start();
    await eventually(async () => expect(await messages(stack)).toEqual({ visible: 0, hidden: 0, bullmq: 0 }), {
      timeoutMs: 150_000,
      intervalMs: 250,
    });
  });

  it("every record reads back equal, none is lost, and no job was set aside", async () => {
    const reading = [...jobs];
    const reader = async () => {
      for (let job = reading.pop(); job; job = reading.pop()) {
        const { payload } = await stack.client.read(job.recordId, job.context);
        if (!payload.equals(job.payload)) throw new Error(`${job.recordId} came back changed`);
      }
    };
    await Promise.all(Array.from({ length: 16 }, reader));
    expect(await deadLetters(stack)).toEqual([]);
    expect((await stack.stores.state.listQuarantine()).entries).toEqual([]);
  });

  it("every DEK has a durable wrap that KMS unwraps to it", async () => {
    const deks = new Set<string>();
    for await (const page of stack.stores.deks.scan()) {
      expect(page.malformed).toEqual([]);
      for (const { dekId } of page.deks) deks.add(dekId);
    }
    expect(deks.size).toBeGreaterThan(1);
    const { kms } = stack.clients.region(region);
    for (const dekId of deks) {
      const stored = await stack.stores.deks.get(dekId, region);
      if (!stored) throw new Error(`${dekId} has no wrap`);
      const { keyArn, blob, context } = stored.wrap;
      const { Plaintext = new Uint8Array() } = await kms.send(
        new DecryptCommand({ KeyId: keyArn, CiphertextBlob: blob, EncryptionContext: { ...context } }),
      );
      // Throws unless the key fits the commitment.
      recoverDek(dekId, Plaintext, stored.dek.commitment)[Symbol.dispose]();
    }
  });

  function start(): Promise<SpawnedScript> {
    return stack.spawnEncryptor(env);
  }

  /** On both queues, those that a worker holds included. */
  async function jobsLeft(): Promise<number> {
    const { visible, hidden, bullmq } = await messages(stack);
    return visible + hidden + bullmq;
  }

  /** What some worker, dead or alive, has taken and not finished. */
  async function jobsHeld() {
    const queue = openBullQueue(stack);
    const active = await queue.getActiveCount();
    await queue.close();
    return { sqs: (await messages(stack)).hidden, bullmq: active };
  }
});

/** Not a wait for anything: how long after its moment a kill comes is what the seed decides. */
function aWhile(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** mulberry32: the same seed, the same moments. */
function seededRandom(state: number): () => number {
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
