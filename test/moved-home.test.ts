import type { EncryptJobInput } from "@dekhand/jobs";
import { eventually } from "@dekhand/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ingestLoneRecords } from "./stack/key-change.ts";
import { prepareSecondHome, type SecondHome } from "./stack/second-home.ts";
import { region as home, plainProfile, type Stack, startStack } from "./stack/start-stack.ts";

const second = "eu-west-1";
const quick = { homesRefreshMs: 100 };
const patient = { timeoutMs: 40_000, intervalMs: 100 };

let stack: Stack;
let there: SecondHome;
beforeEach(async () => {
  stack = await startStack({ regions: [home, second], replicas: { [second]: "multi-region" } });
  there = await prepareSecondHome(stack, second);
});
afterEach(async () => {
  await stack[Symbol.asyncDispose]();
  await there[Symbol.asyncDispose]();
});

const own = () => ({ config: there.config, redisUrl: there.redisUrl });

const record = (recordId: string): EncryptJobInput => ({
  ...{ recordId, profile: plainProfile, context: {}, payload: Buffer.from(`payload of ${recordId}`) },
});

describe("a home that a failover has moved", () => {
  it("takes jobs over its own Redis that are sealed to its own transit key, which keys tells with the old home gone", async () => {
    await stack.startEncryptor({ ...quick, ...own() });
    stack.aws.control.cutOff(home, true);
    expect((await there.dekhand("failover", "--to", second, "--yes")).exitCode).toBe(0);

    const keys = await there.dekhand("keys", "--json");
    expect(keys).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining(`wraps in ${home} could not be counted`),
    });
    const shown = JSON.parse(keys.stdout);
    const strategies = shown.keys.map((key: Record<string, string>) => [key.profile, key.region, key.strategy]);
    expect(strategies).toContainEqual([plainProfile, second, "home"]);
    expect(strategies).toContainEqual([plainProfile, home, "multi-region"]);
    const [{ publicKey: transitKey }] = shown.transitKeys;
    expect(transitKey).not.toBe(stack.env.DEKHAND_TRANSIT_KEY);

    const producer = stack.openClient({ ...own(), transitKey });
    await producer.submit(record("over-redis"), { via: "bullmq" });
    const head = await eventually(async () => {
      const found = await stack.storesOf(second).records.getHead("over-redis");
      expect(found).toBeDefined();
      return found;
    }, patient);
    expect(head?.epoch).toBe(2);
    expect((await stack.storesOf(second).deks.get(head?.dekId ?? "", second))?.dek.home).toBe(second);
    expect((await producer.read("over-redis", {})).payload.toString()).toBe("payload of over-redis");

    // One that was not told of the other key cannot be opened here, and says so.
    const unknowing = stack.openClient({ ...own(), transitKey: stack.env.DEKHAND_TRANSIT_KEY ?? "" });
    await unknowing.submit(record("to-the-old-key"), { via: "bullmq" });
    await eventually(async () => {
      const { stdout } = await there.dekhand("jobs", "rejected", "list", "--json");
      expect(stdout).toContain("JOBS_TRANSIT_KEY_UNKNOWN");
    }, patient);
    expect(await stack.storesOf(second).records.getHead("to-the-old-key")).toBeUndefined();
  }, 120_000);

  it("is where a reseal seals records again, and the old home's copies are left to replication", async () => {
    const copying = { ...quick, options: { everyMs: 100, minAgeMs: 100, holdMs: 200 } };
    const { replicator } = await stack.startReplicator(copying);
    const records = await ingestLoneRecords(stack, 4);
    await eventually(async () => expect((await stack.stores.state.debtStatus(second)).items).toBe(0), patient);
    await replicator.drain({ ms: 5_000 });
    const moved = await there.dekhand("failover", "--to", second, "--force", "--reason", "a test", "--yes");
    expect(moved.exitCode).toBe(0);

    await Promise.all([
      stack.startRewrapper({ ...quick, ...own() }),
      stack.startControl({ ...own(), campaigns: { everyMs: 100 } }),
    ]);
    const leaked = records.map(({ dekId }) => dekId);
    const reseal = ["campaign", "reseal", "--job-deadline", "0s", "--yes", "--no-count", "--dek", ...leaked];
    expect((await there.dekhand(...reseal)).exitCode).toBe(0);
    for (const { recordId, dekId } of records) {
      await eventually(async () => {
        const head = await stack.storesOf(second).records.getHead(recordId);
        expect(head?.dekId).not.toBe(dekId);
        const dek = (await stack.storesOf(second).deks.get(head?.dekId ?? "", second))?.dek;
        expect(dek?.home).toBe(second);
      }, patient);
      expect((await stack.stores.records.getHead(recordId))?.dekId).toBe(dekId);
    }
    const owed = await stack.storesOf(second).state.debtStatus(home);
    expect(owed.records).toBe(records.length);
  }, 120_000);
});
