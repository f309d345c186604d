import { readFile } from "node:fs/promises";
import type { DekhandClient } from "@dekhand/client";
import type { EncryptJobInput } from "@dekhand/jobs";
import { eventually, tempDir } from "@dekhand/testing";
import { afterEach, describe, expect, it } from "vitest";
import { readerIn } from "./stack/open-in-region.ts";
import { prepareSecondHome, type SecondHome } from "./stack/second-home.ts";
import { region as home, plainProfile, type Stack, startStack, tenantProfile } from "./stack/start-stack.ts";

const second = "eu-west-1";

/** As services do it that have little time. */
const quick = { homesRefreshMs: 100 };
const quickCopies = { ...quick, options: { everyMs: 100, minAgeMs: 100, holdMs: 200 } };

let stack: Stack;
let there: SecondHome | undefined;
afterEach(async () => {
  await stack[Symbol.asyncDispose]();
  await there?.[Symbol.asyncDispose]();
});

function some(count: number, name: string): EncryptJobInput[] {
  return Array.from({ length: count }, (_, index) => ({
    recordId: `${name}-${index}`,
    ...(index % 2 === 0
      ? { profile: plainProfile, context: {} }
      : { profile: tenantProfile, context: { tenant: `tenant-${index % 6}` } }),
    payload: Buffer.from(`payload of ${name} ${index}`),
  }));
}

function one(recordId: string, text: string, revision?: number): EncryptJobInput {
  const record = { recordId, profile: plainProfile, context: {}, payload: Buffer.from(text) };
  return revision === undefined ? record : { ...record, revision };
}

/** Until that Region's table has each as it was submitted: its latest revision. */
async function takeIn(client: DekhandClient, region: string, records: readonly EncryptJobInput[]): Promise<void> {
  for (const outcome of await client.submitAll(records)) if (!outcome.ok) throw outcome.error;
  await eventually(
    async () => {
      for (const { recordId, revision } of records) {
        const head = await stack.storesOf(region).records.getHead(recordId);
        expect(head).toBeDefined();
        expect(head?.revision).toBe(revision);
      }
    },
    { timeoutMs: 40_000, intervalMs: 100 },
  );
}

const untilPaid = (from: string, to: string) =>
  eventually(async () => (await stack.storesOf(from).state.debtStatus(to)).items === 0, { timeoutMs: 40_000 });

/** Submits one record after the other, each once the one before is stored, until it is stopped; answers with all of them. */
function keepSubmitting(client: DekhandClient) {
  const stop = new AbortController();
  const records: EncryptJobInput[] = [];
  const isStored = async (recordId: string) => {
    const heads = [home, second].map((region) => stack.storesOf(region).records.getHead(recordId));
    return (await Promise.all(heads)).some((head) => head !== undefined);
  };
  const done = (async () => {
    while (!stop.signal.aborted) {
      const record = one(`meanwhile-${records.length}`, `meanwhile ${records.length}`);
      await client.submit(record);
      await eventually(() => isStored(record.recordId), { timeoutMs: 40_000, intervalMs: 20 });
      records.push(record);
    }
  })();
  return async () => {
    stop.abort();
    await done;
    return records;
  };
}

describe("a home Region that is lost, and returns", () => {
  it("loses no record that either side has acknowledged, and is the home again in the end", async () => {
    stack = await startStack({ regions: [home, second], replicas: { [second]: "multi-region" } });
    there = await prepareSecondHome(stack, second);
    const { config, redisUrl } = there;
    const ownServices = { config, redisUrl };

    // Before: the second Region's encryptors wait for work.
    const [{ encryptor }, { replicator }] = await Promise.all([
      stack.startEncryptor(quick),
      stack.startReplicator(quickCopies),
      stack.startEncryptor({ ...quick, ...ownServices }),
    ]);
    const before = some(24, "before");
    await takeIn(stack.client, home, [...before, one("replaced", "first", 1)]);
    await untilPaid(home, second);
    const refused = await there.dekhand("failover", "--to", second, "--yes");
    expect(refused).toMatchObject({ exitCode: 1, stderr: expect.stringContaining(`${home} answers`) });
    await replicator.drain({ ms: 5_000 });
    const unpaid = some(6, "unpaid");
    await takeIn(stack.client, home, [...unpaid, one("twice", "at home"), one("revised", "at home", 5)]);
    expect(await stack.stores.state.debtStatus(second)).toMatchObject({ records: 8 });
    await encryptor.drain({ ms: 5_000 });

    // The home is gone.
    stack.aws.control.cutOff(home, true);
    const moved = await there.dekhand("failover", "--to", second, "--reason", "the Region is gone", "--yes", "--json");
    expect(moved.stderr).toContain(`${home} could not be told`);
    expect(moved.exitCode).toBe(0);
    const { moved: homes } = JSON.parse(moved.stdout);
    expect(homes).toHaveLength(2);
    for (const one of homes) expect(one).toMatchObject({ to: second, epoch: 2, told: [second] });

    await stack.startReplicator({ ...quickCopies, ...ownServices });
    const during = some(24, "during");
    const replaced = one("replaced", "second", 2);
    await takeIn(there.client, second, [
      ...during,
      replaced,
      one("twice", "elsewhere"),
      one("revised", "elsewhere", 4),
    ]);
    const deks = await Promise.all(during.map(({ recordId }) => stack.storesOf(second).records.getHead(recordId)));
    for (const head of deks) {
      expect(head?.epoch).toBe(2);
      const dek = (await stack.storesOf(second).deks.get(head?.dekId ?? "", second))?.dek;
      expect(dek?.home).toBe(second);
    }

    // It returns. Its own services know nothing yet, and take in what lay in its queue.
    stack.aws.control.cutOff(home, false);
    const { encryptor: unknowing } = await stack.startEncryptor({ homesRefreshMs: 600_000 });
    const late = some(6, "late");
    await takeIn(stack.client, home, late);
    await unknowing.drain({ ms: 5_000 });

    await stack.startReplicator(quickCopies);
    await stack.startEncryptor(quick);
    const stopSubmitting = keepSubmitting(there.client);
    const back = await there.dekhand("failback", "--to", home, "--yes", "--json", "--follow", "2s");
    const meanwhile = await stopSubmitting();
    expect(back.stderr).not.toContain("incomplete");
    expect(back.exitCode).toBe(0);
    const { groups } = JSON.parse(back.stdout);
    expect(groups).toMatchObject([
      {
        kind: "returned",
        moved: [
          { epoch: 3, untold: [] },
          { epoch: 3, untold: [] },
        ],
      },
    ]);
    expect(groups[0].settled).toMatchObject({ contested: 2, failed: 0 });
    expect(meanwhile.length).toBeGreaterThan(0);

    const after = some(6, "after");
    await takeIn(stack.client, home, after);
    for (const { recordId } of after) expect((await stack.stores.records.getHead(recordId))?.epoch).toBe(3);
    await eventually(
      async () => {
        for (const { recordId } of meanwhile) expect(await stack.stores.records.getHead(recordId)).toBeDefined();
      },
      { timeoutMs: 40_000, intervalMs: 200 },
    );
    await untilPaid(home, second);

    // Both have the same, and each can do without the other.
    const settled = [replaced, one("twice", "elsewhere"), one("revised", "at home", 5)];
    const all = [...before, ...unpaid, ...during, ...late, ...meanwhile, ...after, ...settled];
    for (const { recordId } of all) {
      const [here, copy] = await Promise.all(
        [home, second].map((region) => stack.storesOf(region).records.getHead(recordId)),
      );
      expect(copy).toEqual(here);
    }
    for (const [region, other] of [
      [home, second],
      [second, home],
    ] as const) {
      stack.aws.control.cutOff(other, true);
      using reader = readerIn(stack, region);
      for (const { recordId, payload } of all) {
        expect((await reader.read(recordId)).equals(Buffer.from(payload))).toBe(true);
      }
      stack.aws.control.cutOff(other, false);
    }

    const losers = JSON.parse((await there.dekhand("failback", "--list-losers", "--json")).stdout);
    // The first had been written less than five minutes before: clocks may differ by as much.
    expect(losers).toMatchObject([
      { recordId: "replaced", region: home, epoch: 1, revision: 1 },
      { recordId: "revised", region: second, epoch: 2, revision: 4 },
      { recordId: "twice", region: home, epoch: 1 },
    ]);
    await using folder = await tempDir();
    for (const [loser, text] of [
      [losers[0], "first"],
      [losers[1], "elsewhere"],
      [losers[2], "at home"],
    ]) {
      const output = folder.join(loser.recordId);
      const shown = ["failback", "--show-loser", loser.recordId, "--seal", loser.sealId, "--output", output];
      expect(await there.dekhand(...shown)).toMatchObject({ exitCode: 0, stderr: expect.stringContaining(output) });
      expect(await readFile(output, "utf8")).toBe(text);
    }

    const reconciled = JSON.parse((await stack.dekhand("replicas", "reconcile", "--json")).stdout);
    for (const { summary } of reconciled) {
      for (const { records, recordsArrived, deks: all, deksArrived } of Object.values<Record<string, number>>(
        summary.coverage,
      )) {
        expect([recordsArrived, deksArrived]).toEqual([records, all]);
      }
    }
    const history = JSON.parse((await stack.dekhand("failover", "--history", "--json")).stdout);
    expect(history.map(({ act }: { act: string }) => act)).toEqual(["failback", "failback", "failover", "failover"]);
    expect(history[3].facts).toMatchObject({ reason: "the Region is gone", epoch: "2" });
  }, 180_000);
});
