import type { EncryptJobInput } from "@dekhand/jobs";
import { eventually } from "@dekhand/testing";
import { Redis } from "ioredis";
import { afterEach, describe, expect, it } from "vitest";
import { ingest } from "./stack/ingest.ts";
import { readerIn } from "./stack/open-in-region.ts";
import { region as home, plainProfile, type Stack, startStack, tenantProfile } from "./stack/start-stack.ts";

/** By a copy under a related multi-Region key. */
const related = "eu-west-1";
/** With a key of its own. */
const apart = "ap-southeast-2";
const replicas = [related, apart];

const threeRegions = {
  regions: [home, related, apart],
  replicas: { [related]: "multi-region", [apart]: "encrypt" },
} as const;

/** As a replicator does it that has little time. */
const quick = { options: { everyMs: 200, minAgeMs: 300, holdMs: 300 } };

let stack: Stack;
afterEach(() => stack[Symbol.asyncDispose]());

function someRecords(count: number, name = "record"): EncryptJobInput[] {
  return Array.from({ length: count }, (_, index) => ({
    recordId: `${name}-${index}`,
    ...(index % 2 === 0
      ? { profile: plainProfile, context: {} }
      : { profile: tenantProfile, context: { tenant: `tenant-${index % 10}` } }),
    payload: Buffer.from(`payload of ${name} ${index}`),
  }));
}

const owed = (region: string) => stack.stores.state.debtStatus(region);

/** Until the Regions have all of these, and are owed nothing. */
const untilPaid = (records: readonly EncryptJobInput[], regions: readonly string[] = replicas) =>
  eventually(
    async () => {
      for (const region of regions) {
        for (let from = 0; from < records.length; from += 100) {
          const recordIds = records.slice(from, from + 100).map(({ recordId }) => recordId);
          expect((await stack.storesOf(region).records.getHeads(recordIds)).heads.size).toBe(recordIds.length);
        }
        expect((await owed(region)).items).toBe(0);
      }
    },
    { timeoutMs: 40_000, intervalMs: 100 },
  );

/** That each record opens in that Region, while the home is cut off. */
async function requireReadable(region: string, records: readonly EncryptJobInput[]): Promise<void> {
  stack.aws.control.cutOff(home, true);
  using reader = readerIn(stack, region);
  for (const { recordId, payload } of records) {
    expect((await reader.read(recordId)).equals(Buffer.from(payload))).toBe(true);
  }
  stack.aws.control.cutOff(home, false);
}

async function flushRedis(): Promise<void> {
  const redis = new Redis(stack.embedded.redisUrl);
  await redis.flushall();
  await redis.quit();
}

describe("records of a profile with replica Regions", () => {
  it("arrive in each, and open there with the home Region cut off", async () => {
    stack = await startStack(threeRegions);
    const [{ metrics }] = await Promise.all([stack.startReplicator(quick), stack.startEncryptor()]);
    const records = someRecords(200);
    await ingest(stack, records);
    await untilPaid(records);
    for (const region of replicas) {
      await requireReadable(region, records);
      const counted = new RegExp(`dekhand_replicated_records_total\\{region="${region}",[^}]*\\} (\\d+)`);
      expect(Number(counted.exec(await metrics.render())?.[1])).toBeGreaterThanOrEqual(records.length);
    }
    const calls = stack.aws.control.callCounts()[related]?.kms ?? {};
    expect(Object.keys(calls).filter((operation) => !["DescribeKey", "ListAliases", "CreateAlias"].includes(operation)))
      // The reader's own.
      .toEqual(["Decrypt"]);
  });

  it("are taken in while a replica Region is away, which gets them later although Redis has lost every job", async () => {
    stack = await startStack(threeRegions);
    await Promise.all([stack.startEncryptor(), stack.startReplicator(quick)]);
    const before = someRecords(40, "before");
    await ingest(stack, before);
    stack.aws.control.cutOff(apart, true);
    const during = someRecords(100, "during");
    await ingest(stack, during);
    await untilPaid([...before, ...during], [related]);
    expect((await owed(apart)).records).toBeGreaterThanOrEqual(during.length);

    await flushRedis();
    stack.aws.control.cutOff(apart, false);
    const after = someRecords(20, "after");
    await ingest(stack, after);
    const all = [...before, ...during, ...after];
    await untilPaid(all);
    for (const region of replicas) await requireReadable(region, all);
  });

  it("arrive without any Redis, and although replicators are killed while they copy", async () => {
    stack = await startStack(threeRegions);
    await stack.startEncryptor({ redisUrl: undefined });
    const records = someRecords(120);
    await ingest(stack, records);
    await eventually(async () => (await owed(apart)).records === 120);
    const dying = await stack.spawnReplicator();
    await eventually(async () => (await owed(apart)).records < 120 || (await owed(related)).records < 120);
    dying.kill("SIGKILL");
    await dying.exited;
    await stack.startReplicator({ ...quick, redisUrl: undefined });
    await untilPaid(records);
    for (const region of replicas) await requireReadable(region, records);
  });
});

describe("records of a profile without replica Regions", () => {
  it("leave no debt and cost no call for it", async () => {
    stack = await startStack();
    await stack.startEncryptor();
    stack.aws.control.resetCounts();
    await ingest(stack, someRecords(50));
    expect(stack.aws.control.callCounts()[home]?.dynamodb.BatchWriteItem).toBeUndefined();
    const redis = new Redis(stack.embedded.redisUrl);
    expect(await redis.keys("*replicate*")).toEqual([]);
    await redis.quit();
  });
});
