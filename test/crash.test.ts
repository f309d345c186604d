import { randomInt } from "node:crypto";
import { DecryptCommand } from "@aws-sdk/client-kms";
import { recoverDek } from "@dekhand/envelope";
import { eventually, type SpawnedScript } from "@dekhand/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { messages } from "./stack/messages.ts";
import { deadLetters } from "./stack/raw-queues.ts";
import { plainProfile, region, type Stack, startStack, tenantProfile } from "./stack/start-stack.ts";

const records = 5_000;
const kills = 7;
/** Short, so that a killed worker's jobs are back soon. SQS allows ten receives of one message: more than there are kills. */
const env = { DEKHAND_LEASE_SECONDS: "3" };
const seed = Number(process.env.DEKHAND_TEST_SEED ?? randomInt(2 ** 31));

describe(`an encryptor killed ${kills} times (DEKHAND_TEST_SEED=${seed})`, { timeout: 240_000 }, () => {
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
    const submitting = Promise.all([
      stack.client.submitAll(jobs.filter((_, index) => index % 10 > 0)),
      stack.client.submitAll(
        jobs.filter((_, index) => index % 10 === 0),
        { via: "bullmq" },
      ),
    ]);
    for (let kill = 0; kill < kills; kill += 1) {
      const encryptor = await start();
      // From before its first job to well into the work.
      await aWhile(random() * 1_500);
      encryptor.kill("SIGKILL");
      await encryptor.exited;
    }
    expect((await submitting).flat().filter(({ ok }) => !ok)).toEqual([]);
    const { visible, hidden } = await messages(stack);
    expect(visible + hidden, "the kills came during the work").toBeGreaterThan(0);
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
});

/** Not a wait for anything: the moment of a kill is what the seed decides. */
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
