import { CreateKeyCommand, DisableKeyCommand, EnableKeyCommand } from "@aws-sdk/client-kms";
import { createBullRewrapProducer, createSqsRewrapProducer, type RewrapJobInput } from "@dekhand/jobs";
import type { AssembledRewrapper } from "@dekhand/rewrapper";
import { eventually } from "@dekhand/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { changeKey, ingestLoneRecords, type KeyChange, type LoneRecord, wrapsOf } from "./stack/key-change.ts";
import { queueUrl } from "./stack/raw-queues.ts";
import { region, type Stack, startStack } from "./stack/start-stack.ts";
import { tablesOf } from "./stack/tables.ts";

/** Single rewrap jobs after an alias was pointed at another key. */

const vias = ["sqs", "bullmq"] as const;
type Via = (typeof vias)[number];

let stack: Stack;
beforeEach(async () => {
  stack = await startStack();
});
afterEach(() => stack[Symbol.asyncDispose]());

async function submit(jobs: readonly RewrapJobInput[], via: Via): Promise<void> {
  const { config, embedded, clients } = stack;
  const queue = config.queues.rewrap;
  const producer =
    via === "sqs"
      ? createSqsRewrapProducer({ client: clients.region(region).sqs, queueUrl: await queueUrl(stack, queue) })
      : createBullRewrapProducer({ connection: { url: embedded.redisUrl }, queue, prefix: config.prefix });
  const results = await producer.submit(jobs);
  await producer.close();
  expect(results.filter(({ ok }) => !ok)).toEqual([]);
}

const jobsFor = (records: readonly LoneRecord[]) => records.map(({ dekId }) => ({ dekId, region }));

async function untilMoved(records: readonly LoneRecord[], { newKey }: KeyChange): Promise<void> {
  await eventually(
    async () => {
      const left = (await wrapsOf(stack, records)).filter(({ keyArn }) => keyArn !== newKey);
      expect(left.map(({ dekId }) => dekId)).toEqual([]);
    },
    { timeoutMs: 40_000, intervalMs: 50 },
  );
}

/** Each record reads back equal, by a client that has unwrapped nothing yet. */
async function expectAllOpen(records: readonly LoneRecord[], { config }: KeyChange): Promise<void> {
  const client = stack.openClient({ config });
  const opened = await Promise.all(records.map(({ recordId, context }) => client.read(recordId, context)));
  expect(opened.map(({ payload }) => payload)).toEqual(records.map(({ payload }) => payload));
}

const kmsCalls = (operation: string) => stack.aws.control.callCounts()[region]?.kms[operation]?.calls ?? 0;

const totals = (rewrapper: AssembledRewrapper) => {
  const stats = rewrapper.consumers().map((consumer) => consumer.stats());
  const sum = (name: "received" | "done" | "retried" | "rejected") =>
    stats.reduce((total, each) => total + each[name], 0);
  return { received: sum("received"), done: sum("done"), retried: sum("retried"), rejected: sum("rejected") };
};

describe("single rewrap jobs", () => {
  it("over SQS and BullMQ alike move wraps to the new key without one Decrypt, and every record still opens", async () => {
    const records = await ingestLoneRecords(stack, 12);
    const change = await changeKey(stack);
    await stack.startRewrapper({ config: change.config });
    stack.aws.control.resetCounts();
    for (const via of vias) {
      const ids = records.filter((_, index) => vias[index % 2] === via).map(({ dekId }) => dekId);
      const { exitCode, stdout } = await stack.dekhand("rewrap", ...ids, "--via", via, "--json");
      expect(exitCode).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({ submitted: ids.map((dekId) => ({ dekId, region })), failed: [] });
    }
    await untilMoved(records, change);
    expect([kmsCalls("ReEncrypt"), kmsCalls("Decrypt"), kmsCalls("GenerateDataKey")]).toEqual([12, 0, 0]);
    await expectAllOpen(records, change);
  });

  it("submitted twice have one effect", async () => {
    const records = await ingestLoneRecords(stack, 1);
    const change = await changeKey(stack);
    stack.aws.control.resetCounts();
    const [job] = jobsFor(records);
    if (!job) throw new Error("one record has one job");
    for (const via of vias)
      await submit(
        [
          { id: "twice", ...job },
          { id: "twice", ...job },
        ],
        via,
      );
    const rewrapper = await stack.startRewrapper({ config: change.config, concurrency: 1 });
    // Over BullMQ the second copy collapses into the first.
    await eventually(() => expect(totals(rewrapper)).toMatchObject({ done: 3, rejected: 0 }));
    const [wrap] = await wrapsOf(stack, records);
    expect(wrap?.keyArn).toBe(change.newKey);
    await submit([{ id: "once more", ...job }], "sqs");
    await eventually(() => expect(totals(rewrapper).done).toBe(4));
    expect(await wrapsOf(stack, records)).toEqual([wrap]);
    await expectAllOpen(records, change);
  });

  it("for wraps that somebody changed end with their reason, and go on once those are restored and redriven", async () => {
    const records = await ingestLoneRecords(stack, 3);
    const [moved, stranger, sound] = records;
    if (!moved || !stranger || !sound) throw new Error("three records");
    const change = await changeKey(stack);
    const tables = tablesOf(stack);
    const item = `wrap#${region}`;
    const originals = await Promise.all([moved, stranger].map(({ dekId }) => tables.get("deks", dekId, item)));
    const { blob, context } = await tables.get("deks", sound.dekId, item);
    if (!blob || !context) throw new Error("a wrap has a blob and a context");
    await tables.put("deks", { ...originals[0], blob, context });
    const { KeyMetadata } = await stack.clients.region(region).kms.send(new CreateKeyCommand({}));
    await tables.put("deks", { ...originals[1], keyArn: { S: KeyMetadata?.Arn ?? "" } });

    await stack.startRewrapper({ config: change.config });
    const unknown = { dekId: "0190f000-0000-7000-8000-000000000000", region };
    const elsewhere = { dekId: sound.dekId, region: "eu-west-1" };
    const jobs = [...jobsFor(records), unknown, elsewhere];
    for (const via of vias)
      await submit(
        jobs.map((job, index) => ({ id: `${via}-${index}`, ...job })),
        via,
      );
    const expected = vias.flatMap((via) => [
      [`${via}-0`, "DEKS_CONTEXT_MISMATCH", moved.dekId],
      [`${via}-1`, "DEKS_KEY_NOT_ALLOWED", stranger.dekId],
      [`${via}-3`, "DEKS_NOT_FOUND", unknown.dekId],
      [`${via}-4`, "REWRAPPER_REGION_UNKNOWN", sound.dekId],
    ]);
    const rejected = await eventually(
      async () => {
        const { stdout } = await stack.dekhand("jobs", "rejected", "list", "--queue", "rewrap", "--json");
        const found: { jobId: string; code: string; message: string }[] = JSON.parse(stdout).rejected;
        if (found.length < expected.length) throw new Error(`${found.length} of ${expected.length} are rejected`);
        return found;
      },
      { timeoutMs: 40_000 },
    );
    for (const [jobId, code, dekId = ""] of expected) {
      const message = expect.stringContaining(dekId);
      expect(rejected.find((job) => job.jobId === jobId)).toMatchObject({ code, message });
    }
    await untilMoved([sound], change);

    for (const original of originals) await tables.put("deks", original);
    for (const code of ["DEKS_CONTEXT_MISMATCH", "DEKS_KEY_NOT_ALLOWED"]) {
      const { stdout } = await stack.dekhand("jobs", "rejected", "redrive", "--code", code, "--yes", "--json");
      expect(JSON.parse(stdout)).toMatchObject({ redriven: 2, failed: 0 });
    }
    await untilMoved(records, change);
    await expectAllOpen(records, change);
  });

  it("wait with their message held while the new key is disabled, and finish once it is enabled", async () => {
    const records = await ingestLoneRecords(stack, 6);
    const change = await changeKey(stack);
    const { kms } = stack.clients.region(region);
    await kms.send(new DisableKeyCommand({ KeyId: change.newKey }));
    const before = await wrapsOf(stack, records);
    const rewrapper = await stack.startRewrapper({ config: change.config });
    await submit(jobsFor(records.slice(0, 3)), "sqs");
    await submit(jobsFor(records.slice(3)), "bullmq");
    await eventually(() => expect(kmsCalls("ReEncrypt")).toBeGreaterThanOrEqual(6));
    expect(await wrapsOf(stack, records)).toEqual(before);
    await kms.send(new EnableKeyCommand({ KeyId: change.newKey }));
    await untilMoved(records, change);
    await eventually(() => expect(totals(rewrapper)).toEqual({ received: 6, done: 6, retried: 0, rejected: 0 }));
    await expectAllOpen(records, change);
  });

  it("survive kill -9: each wrap is as it was or under the new key, and after a restart all are moved and open", async () => {
    const records = await ingestLoneRecords(stack, 60);
    const change = await changeKey(stack);
    const before = await wrapsOf(stack, records);
    const env = { DEKHAND_CONFIG: change.configFile, DEKHAND_CONCURRENCY: "2", DEKHAND_LEASE_SECONDS: "5" };
    // Four at once: no machine is done with all of them while this looks.
    stack.aws.control.setLatency(region, 300, { service: "kms", operation: "ReEncrypt" });
    await submit(jobsFor(records.slice(0, 30)), "sqs");
    await submit(jobsFor(records.slice(30)), "bullmq");
    for (const atLeast of [5, 20]) {
      const worker = await stack.spawnRewrapper(env);
      await eventually(
        async () => {
          const moved = (await wrapsOf(stack, records)).filter(({ keyArn }) => keyArn === change.newKey);
          expect(moved.length).toBeGreaterThanOrEqual(atLeast);
        },
        { timeoutMs: 40_000, intervalMs: 20 },
      );
      worker.kill("SIGKILL");
      await worker.exited;
      const now = await wrapsOf(stack, records);
      const untouched = now.filter(({ keyArn }) => keyArn !== change.newKey);
      expect(untouched).toEqual(before.filter((_, index) => now[index]?.keyArn !== change.newKey));
      expect(untouched.length, "the kill came during the work").toBeGreaterThan(0);
      await expectAllOpen(records, change);
    }
    stack.aws.control.clearFaults();
    await stack.spawnRewrapper(env);
    await untilMoved(records, change);
    await expectAllOpen(records, change);
  });
});

describe("dekhand rewrap", () => {
  it("submits what it can, names what it cannot, and says so by its exit code", async () => {
    const good = "0190f000-0000-7000-8000-000000000000";
    for (const via of vias) {
      const { exitCode, stdout, stderr } = await stack.dekhand("rewrap", good, "no-dek", "--via", via, "--json");
      expect(exitCode).toBe(1);
      expect(stderr).toContain("no-dek: JOBS_DEK_ID_INVALID");
      expect(JSON.parse(stdout)).toEqual({
        submitted: [{ dekId: good, region, jobId: expect.any(String) }],
        failed: [{ dekId: "no-dek", code: "JOBS_DEK_ID_INVALID", message: expect.any(String) }],
      });
    }
    expect((await stack.dekhand("rewrap", good, "--region", "nowhere")).stderr).toContain("JOBS_REGION_INVALID");
    expect((await stack.dekhand("rewrap")).exitCode).toBe(2);
  });
});
