import { randomInt } from "node:crypto";
import { DescribeKeyCommand, RotateKeyOnDemandCommand } from "@aws-sdk/client-kms";
import { seededRandom } from "@dekhand/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { checkedCensus } from "./chaos/check-evidence.ts";
import { configWith } from "./chaos/config-with.ts";
import { type KnownDeks, makeWraps } from "./chaos/many-wraps.ts";
import { runInChaos } from "./chaos/run-in-chaos.ts";
import { makeSchedule } from "./chaos/schedule.ts";
import { unwrapAll } from "./chaos/unwrap-all.ts";
import { changeKey } from "./stack/key-change.ts";
import { region, type Stack, startStack } from "./stack/start-stack.ts";
import { tablesOf } from "./stack/tables.ts";

const alias = "alias/customer-pii";
const seed = Number(process.env.DEKHAND_CHAOS_SEED ?? randomInt(2 ** 31));

describe(`a campaign in chaos (DEKHAND_CHAOS_SEED=${seed})`, { timeout: 900_000 }, () => {
  let stack: Stack;
  beforeEach(async () => {
    stack = await startStack();
  });
  afterEach(() => stack[Symbol.asyncDispose]());

  it("moves 20,000 wraps from key to key, whoever is killed, flushed, cut off, throttled or failing", async () => {
    const { oldKey, newKey, configFile: changed } = await changeKey(stack);
    const { configFile } = await configWith(changed, "chaos", quota(3_000));
    const known = await makeWraps(stack, 20_000, oldKey);
    const size = { flushes: 2, controlKills: 3, freezes: 2, cutOffMs: 10_000, storms: 2 };
    const schedule = makeSchedule(seededRandom(seed), size);

    const options = ["--kind", "key", "--from", oldKey, "--to", newKey, "--segments", "32"];
    const run = { campaigns: { "chaos-key": options }, wraps: known.size, seed: seed + 1 };
    const report = await runInChaos(stack, { ...run, schedule, configFile });

    expect(report.incidents).toEqual(schedule);
    expect(report.kills.running, "rewrappers killed while there was work").toBeGreaterThanOrEqual(10);
    expect(report.killsAtWork, "of them with segments in hand").toBeGreaterThanOrEqual(5);
    expect(report.takenWhileFrozen, "segments that two rewrappers were at").toBeGreaterThanOrEqual(2);
    await requireMoved("chaos-key", known, { keyArn: newKey });
    expect(await stack.stores.state.leftKey(oldKey)).toMatchObject({ campaignId: "chaos-key" });
  });

  it("brings 3,000 wraps to new key material under the same", async () => {
    const { kms } = stack.clients.region(region);
    const describeKey = async () => (await kms.send(new DescribeKeyCommand({ KeyId: alias }))).KeyMetadata;
    const keyArn = (await describeKey())?.Arn ?? "";
    const known = await makeWraps(stack, 3_000, keyArn);
    await kms.send(new RotateKeyOnDemandCommand({ KeyId: keyArn }));
    const material = (await describeKey())?.CurrentKeyMaterialId ?? "";
    const { configFile } = await configWith(stack.embedded.configFile, "chaos", quota(1_500));
    const size = { flushes: 2, controlKills: 1, freezes: 1, cutOffMs: 2_000, storms: 1 };
    const schedule = makeSchedule(seededRandom(seed + 2), size);

    const options = ["--kind", "rotation", "--from", alias, "--segments", "16", "--probe-by", "decrypt"];
    const run = { campaigns: { "chaos-rotation": options }, wraps: known.size, seed: seed + 3 };
    const report = await runInChaos(stack, { ...run, schedule, configFile });

    expect(report.incidents).toEqual(schedule);
    expect(report.kills.running, "rewrappers killed while there was work").toBeGreaterThanOrEqual(3);
    expect(report.takenWhileFrozen, "segments that two rewrappers were at").toBeGreaterThanOrEqual(1);
    await requireMoved("chaos-rotation", known, { keyArn, material });
  });

  /** Every wrap is under its target by the campaign, unwraps to the DEK of before, and is counted once by the evidence. */
  async function requireMoved(
    id: string,
    known: KnownDeks,
    target: { readonly keyArn: string; readonly material?: string },
  ) {
    const items = (await tablesOf(stack).scan("deks")).filter(({ item }) => item?.S?.startsWith("wrap#"));
    const labels = Object.entries({ ...target, campaign: id });
    expect(some(items.filter((item) => labels.some(([name, value]) => item[name]?.S !== value)))).toEqual([]);
    const wraps = items.map(({ dekId, blob, context }) => ({
      id: dekId?.S ?? "",
      blob: blob?.B ?? new Uint8Array(),
      context: Object.fromEntries(Object.entries(context?.M ?? {}).map(([key, value]) => [key, value.S ?? ""])),
      keyArn: target.keyArn,
    }));
    const held = await unwrapAll(stack, wraps);
    expect(held.size).toBe(known.size);
    expect(some([...known].filter(([dekId, digest]) => !held.get(dekId)?.equals(digest)))).toEqual([]);

    const count = known.size;
    const { before, closing } = await checkedCensus(stack, id, "dekhand");
    expect(before).toMatchObject([{ whole: true, groups: [{ swapped: false, count }] }]);
    expect(closing).toMatchObject([
      { whole: true, unlisted: 0, malformed: 0, groups: [{ swapped: true, count }], judged: { current: count } },
    ]);
  }
});

/** The first of what should not be there: all 20,000 would say no more. */
function some<T>(found: readonly T[]): readonly T[] {
  return found.slice(0, 3);
}

/** So that a campaign lasts long enough, on any machine, for all that is to happen to it. */
function quota(callsPerSecond: number) {
  return { quota: { callsPerSecond } };
}
