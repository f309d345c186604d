import { randomUUID } from "node:crypto";
import { createTransitKeys } from "@dekhand/deks";
import { bullJobId, createBullRejectedJobs, generateTransitKeyPair, type TransitPublicKey } from "@dekhand/jobs";
import { createKmsGovernor, createKmsQuota } from "@dekhand/kms";
import { createLogger, createMetrics } from "@dekhand/runtime";
import { eventually } from "@dekhand/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { goodFields, sealed } from "./stack/bad-jobs.ts";
import { listRejected, openBullQueue } from "./stack/raw-queues.ts";
import {
  plainProfile,
  type RunningEncryptor,
  region,
  type Stack,
  startStack,
  tenantProfile,
} from "./stack/start-stack.ts";

describe("rejected jobs", () => {
  let stack: Stack;
  let running: RunningEncryptor | undefined;

  beforeAll(async () => {
    stack = await startStack();
  });
  afterAll(() => stack?.[Symbol.asyncDispose]());

  const restart = async (options?: Parameters<Stack["startEncryptor"]>[0]) => {
    await running?.encryptor.drain({ ms: 2_000 });
    running = await stack.startEncryptor(options);
  };

  const redrive = async (...filter: string[]) => {
    const { exitCode, stdout, stderr } = await stack.dekhand(
      "jobs",
      "rejected",
      "redrive",
      "--yes",
      "--json",
      ...filter,
    );
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    return JSON.parse(stdout);
  };

  const rejectedWith = (code: string) =>
    expect.poll(async () => (await listRejected(stack)).rejected.filter((job) => job.code === code), {
      timeout: 40_000,
      interval: 100,
    });

  it("a job over SQS is done once what was wrong is mended, and only those asked for go back", async () => {
    const record = {
      ...goodFields(),
      profile: tenantProfile,
      context: { tenant: "a" },
      payload: Buffer.from("mended"),
    };
    const { [tenantProfile]: _, ...profiles } = stack.config.profiles;
    await restart({ config: { ...stack.config, profiles } });
    await stack.client.submit(record);
    const twice = { ...goodFields(), payload: Buffer.from("first") };
    await stack.client.submit(twice);
    await eventually(() => stack.client.read(twice.recordId, {}));
    await stack.client.submit({ ...twice, id: randomUUID(), payload: Buffer.from("second") });
    await rejectedWith("STORE_RECORD_EXISTS").toHaveLength(1);
    await rejectedWith("JOBS_PROFILE_UNKNOWN").toHaveLength(1);
    await restart();
    expect(await redrive("--code", "JOBS_PROFILE_UNKNOWN")).toEqual({ redriven: 1, left: 1, failed: 0 });
    const opened = await eventually(() => stack.client.read(record.recordId, record.context));
    expect(opened.payload).toEqual(record.payload);
    await rejectedWith("JOBS_PROFILE_UNKNOWN").toHaveLength(0);
  });

  it("a job over SQS that is still wrong is rejected again, with its reason, and the record keeps its value", async () => {
    const [before] = (await listRejected(stack)).rejected;
    expect(await redrive("--record-id", before?.recordId ?? "")).toMatchObject({ redriven: 1, failed: 0 });
    await rejectedWith("STORE_RECORD_EXISTS").toMatchObject([{ jobId: before?.jobId, recordId: before?.recordId }]);
    const { payload } = await stack.client.read(before?.recordId ?? "", {});
    expect(payload.toString()).toBe("first");
  });

  it("a job over BullMQ that is still wrong is rejected again, each time", async () => {
    const { config, embedded, stores } = stack;
    const job = await submitSealed(stack, generateTransitKeyPair(), Buffer.from("nobody's"));
    const rejected = createBullRejectedJobs({
      connection: { url: embedded.redisUrl },
      queue: config.queues.encrypt,
      prefix: config.prefix,
      logger: createLogger({ service: "test", level: "silent" }),
    });
    const isThere = () =>
      eventually(async () => {
        expect(await rejected.list()).toMatchObject([{ jobId: job.id, code: "JOBS_TRANSIT_KEY_UNKNOWN" }]);
        const { entries } = await stores.state.listQuarantine();
        expect(entries).toMatchObject([{ jobId: job.id, code: "JOBS_TRANSIT_KEY_UNKNOWN" }]);
      });
    for (let round = 0; round < 20; round += 1) {
      await isThere();
      const onRedriven = async ({ quarantineId = "" }) => stores.state.deleteQuarantine(quarantineId);
      expect(await rejected.redrive({ jobId: job.id }, { onRedriven })).toEqual({ redriven: 1, left: 0, failed: 0 });
    }
    await isThere();
    await rejected.close();
  });

  it("a job over BullMQ is done once its transit key is there, and its quarantine entry is gone", async () => {
    const pair = generateTransitKeyPair();
    const payload = Buffer.from("sealed before its key was known");
    const job = await submitSealed(stack, pair, payload);
    await eventually(async () => {
      const { rejected } = await listRejected(stack);
      expect(rejected.some(({ jobId }) => jobId === job.id)).toBe(true);
    });
    await addTransitKey(stack, pair);
    // A worker remembers for a while that there was no such key.
    await restart();
    expect(await redrive("--job-id", job.id)).toMatchObject({ redriven: 1, failed: 0 });
    const opened = await eventually(() => stack.client.read(job.recordId, {}));
    expect(opened.payload).toEqual(payload);
    await eventually(async () => {
      const { rejected, quarantine } = await listRejected(stack);
      expect([...rejected, ...quarantine].filter(({ jobId }) => jobId === job.id)).toEqual([]);
    });
  });
});

async function submitSealed(stack: Stack, key: TransitPublicKey, payload: Uint8Array) {
  const queue = openBullQueue(stack);
  const job = await sealed({ profile: plainProfile }, key, payload);
  await queue.add("encrypt", job, { jobId: bullJobId(job), removeOnComplete: true, removeOnFail: true });
  await queue.close();
  return job;
}

async function addTransitKey(stack: Stack, pair: ReturnType<typeof generateTransitKeyPair>): Promise<void> {
  const metrics = createMetrics({ service: "test" });
  const logger = createLogger({ service: "test", level: "silent" });
  const quota = createKmsQuota({ config: stack.config.quota, prefix: stack.config.prefix, metrics, logger });
  const kms = createKmsGovernor({ region, client: stack.clients.region(region).kms, quota, metrics, logger });
  const { transit } = stack.config;
  if (!transit) throw new Error("the embedded configuration has a transit key");
  await createTransitKeys({ state: stack.stores.state, kms, key: transit.key }).add(pair);
}
