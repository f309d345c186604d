import { randomInt } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { DescribeKeyCommand, RotateKeyOnDemandCommand } from "@aws-sdk/client-kms";
import { eventually, seededRandom, tempDir } from "@dekhand/testing";
import { Redis } from "ioredis";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { configWith } from "./chaos/config-with.ts";
import { type Crew, startCrew } from "./chaos/crew.ts";
import { type KnownDeks, makeWraps } from "./chaos/many-wraps.ts";
import { type ChaosReport, raiseChaos } from "./chaos/raise-chaos.ts";
import { type Incident, makeSchedule } from "./chaos/schedule.ts";
import { unwrapAll } from "./chaos/unwrap-all.ts";
import { watchWork } from "./chaos/watch-work.ts";
import { changeKey } from "./stack/key-change.ts";
import { region, type Stack, startStack } from "./stack/start-stack.ts";
import { tablesOf } from "./stack/tables.ts";

const alias = "alias/customer-pii";
const seed = Number(process.env.DEKHAND_CHAOS_SEED ?? randomInt(2 ** 31));
/** Of KMS calls, so that a campaign lasts long enough for all that is to happen to it, on any machine. */
const quota = { callsPerSecond: 3_000 };

describe(`a campaign in chaos (DEKHAND_CHAOS_SEED=${seed})`, { timeout: 900_000 }, () => {
  let stack: Stack;
  beforeEach(async () => {
    stack = await startStack();
  });
  afterEach(() => stack[Symbol.asyncDispose]());

  it("moves 20,000 wraps from key to key, whoever is killed, flushed, cut off, throttled or failing", async () => {
    const { oldKey, newKey, configFile: changed } = await changeKey(stack);
    const { configFile } = await configWith(changed, "chaos", { quota });
    const known = await makeWraps(stack, 20_000, oldKey);
    const size = { flushes: 2, controlKills: 3, freezes: 2, cutOffMs: 10_000, storms: 2 };
    const schedule = makeSchedule(seededRandom(seed), size);

    const report = await runCampaign("chaos-key", known, configFile, {
      schedule,
      options: ["--kind", "key", "--from", oldKey, "--to", newKey],
    });

    expect(report.incidents).toEqual(schedule);
    expect(report.kills.running, "rewrappers killed while there was work").toBeGreaterThanOrEqual(10);
    expect(report.killsAtWork, "of them with a segment in hand").toBeGreaterThanOrEqual(5);
    expect(report.takenWhileFrozen, "segments that two rewrappers were at").toBeGreaterThanOrEqual(1);
    await requireMoved("chaos-key", known, { keyArn: newKey });
    await requireEvidence("chaos-key", known.size, configFile);
    expect(await stack.stores.state.leftKey(oldKey)).toMatchObject({ campaignId: "chaos-key" });
  });

  it("brings 3,000 wraps to new key material under the same", async () => {
    const { kms } = stack.clients.region(region);
    const { KeyMetadata: { Arn: keyArn = "" } = {} } = await kms.send(new DescribeKeyCommand({ KeyId: alias }));
    const known = await makeWraps(stack, 3_000, keyArn);
    await kms.send(new RotateKeyOnDemandCommand({ KeyId: alias }));
    const { KeyMetadata: { CurrentKeyMaterialId: material = "" } = {} } = await kms.send(
      new DescribeKeyCommand({ KeyId: alias }),
    );
    const { configFile } = await configWith(stack.embedded.configFile, "chaos", { quota: { callsPerSecond: 600 } });
    const size = { flushes: 2, controlKills: 1, freezes: 1, cutOffMs: 2_000, storms: 1 };
    const schedule = makeSchedule(seededRandom(seed + 1), size);

    const report = await runCampaign("chaos-rotation", known, configFile, {
      schedule,
      options: ["--kind", "rotation", "--from", alias, "--probe-by", "decrypt"],
    });

    expect(report.incidents).toEqual(schedule);
    expect(report.kills.running, "rewrappers killed while there was work").toBeGreaterThanOrEqual(3);
    await requireMoved("chaos-rotation", known, { keyArn, material });
    await requireEvidence("chaos-rotation", known.size, configFile);
  });

  /** Three rewrappers and a control, as processes, to the end of the campaign. */
  async function runCampaign(
    id: string,
    known: KnownDeks,
    configFile: string,
    { schedule, options }: { readonly schedule: readonly Incident[]; readonly options: readonly string[] },
  ): Promise<ChaosReport> {
    const env = {
      DEKHAND_CONFIG: configFile,
      // What a killed worker held comes back soon.
      DEKHAND_LEASE_SECONDS: "2",
      // Segments at once: so that a kill meets some of the campaign, and not all of it.
      DEKHAND_CONCURRENCY: "4",
    };
    await using redis = openRedis();
    await using rewrappers = startCrew("rewrapper", 3, (DEKHAND_WORKER_ID) =>
      stack.spawnRewrapper({ ...env, DEKHAND_WORKER_ID }),
    );
    await using control = startCrew("control", 1, () => stack.spawnControl({ DEKHAND_CONFIG: configFile }));
    await eventually(() => rewrappers.up().length + control.up().length === 4, { timeoutMs: 120_000 });
    stack.aws.control.resetCounts();
    const command = ["--config", configFile, "campaign", "start", ...options, "--id", id, "--segments", "32", "--yes"];
    expect(await stack.dekhand(...command, "--no-plan")).toMatchObject({ exitCode: 0 });

    await using work = watchWork(stack.stores.campaigns, id);
    const random = seededRandom(seed + 2);
    const chaos = { stack, redis: redis.client, rewrappers, control, work, random, wraps: known.size };
    const report = await raiseChaos(schedule, chaos);
    console.error("REPORT", JSON.stringify({ ...report, incidents: report.incidents.length, of: schedule.length, failedStarts: [...rewrappers.failedStarts, ...control.failedStarts].map((t) => t.slice(-1500)) }, null, 1));
    console.error((await stack.stores.campaigns.history(id)).map(({ at, to, reason }) => `${at} ${to}: ${reason}`).join("\n"));
    console.error(JSON.stringify(stack.aws.control.callCounts()[region]?.kms.ReEncrypt));
    await requireUntroubled(id, [rewrappers, control]);
    return report;
  }

  /** Complete by itself, no operator asked for; and no process has ended that nobody killed. */
  async function requireUntroubled(id: string, crews: readonly Crew[]) {
    const history = await stack.stores.campaigns.history(id);
    const told = history.map(({ to, reason }) => `${to}: ${reason}`).join("\n");
    expect(history.at(-1)?.to, told).toBe("complete");
    expect(history.map(({ to }) => to)).not.toContain("paused");
    expect(crews.flatMap(({ crashes }) => crashes)).toEqual([]);
  }

  /** Every wrap says that this campaign brought it where it was to be, and is there, with the DEK of before in it. */
  async function requireMoved(
    id: string,
    known: KnownDeks,
    target: { readonly keyArn: string; readonly material?: string },
  ) {
    const items = (await tablesOf(stack).scan("deks")).filter(({ item }) => item?.S?.startsWith("wrap#"));
    const labels = { keyArn: target.keyArn, campaign: id, ...(target.material && { material: target.material }) };
    const stale = items.filter((item) => Object.entries(labels).some(([name, value]) => item[name]?.S !== value));
    expect(stale).toEqual([]);
    const held = await unwrapAll(
      stack,
      items.map(({ dekId, blob, context }) => ({
        id: dekId?.S ?? "",
        blob: blob?.B ?? Buffer.alloc(0),
        context: Object.fromEntries(Object.entries(context?.M ?? {}).map(([key, value]) => [key, value.S ?? ""])),
        keyArn: target.keyArn,
      })),
    );
    expect(held.size).toBe(known.size);
    expect([...known].filter(([dekId, digest]) => !held.get(dekId)?.equals(digest))).toEqual([]);
  }

  async function requireEvidence(id: string, wraps: number, configFile: string) {
    await using folder = await tempDir("evidence");
    const file = join(folder.path, "evidence.json");
    expect(await stack.dekhand("--config", configFile, "campaign", "evidence", id, "--out", file)).toMatchObject({
      exitCode: 0,
    });
    expect(await stack.dekhand("campaign", "evidence", "--check", file)).toMatchObject({ exitCode: 0 });
    const { census, failures, campaign } = JSON.parse(await readFile(file, "utf8"));
    expect(campaign.status).toBe("complete");
    expect(failures.counts).toMatchObject({ open: 0, skipped: 0, unreadable: 0 });
    expect(census.before).toMatchObject([{ whole: true, groups: [{ swapped: false, count: wraps }] }]);
    const last = Math.max(...census.closing.map(({ sweep }: { sweep: number }) => sweep));
    const closing = census.closing.filter(({ sweep }: { sweep: number }) => sweep === last);
    expect(closing).toMatchObject([
      { whole: true, unlisted: 0, malformed: 0, groups: [{ swapped: true, count: wraps }], judged: { current: wraps } },
    ]);
  }

  function openRedis() {
    const client = new Redis(stack.embedded.redisUrl);
    return { client, [Symbol.asyncDispose]: async () => void (await client.quit()) };
  }
});
