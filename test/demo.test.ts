import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { spawnScript, tempDir } from "@dekhand/testing";
import { Redis } from "ioredis";
import { describe, expect, it } from "vitest";
import { untilStored } from "./stack/ingest.ts";
import { plainProfile, startStack } from "./stack/start-stack.ts";

const cli = fileURLToPath(import.meta.resolve("../services/cli/src/main.ts"));

async function demo(more: Readonly<Record<string, string>>, ...args: readonly string[]) {
  // As a new user's shell has it: nothing of AWS or Dekhand is set.
  const env = {
    AWS_ACCESS_KEY_ID: undefined,
    AWS_SECRET_ACCESS_KEY: undefined,
    AWS_REGION: undefined,
    DEKHAND_CONFIG: undefined,
    DEKHAND_REDIS_URL: undefined,
    ...more,
  };
  await using process = await spawnScript({ script: cli, args: ["demo", ...args], env });
  const { code } = await process.exited;
  return { code, stdout: process.stdout(), stderr: process.stderr() };
}

const home = "us-east-1";
/** By copies under a replica of home's key. */
const related = "eu-west-1";
/** With a key of its own. */
const apart = "ap-southeast-2";

interface CensusRow {
  readonly region: string;
  readonly store: string;
  readonly keyArn?: string;
  readonly material?: string;
  readonly wraps: number;
}

/** What the tests read of the document. */
interface DemoDocument {
  readonly kmsCalls: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly census: { readonly before: readonly CensusRow[]; readonly after: readonly CensusRow[] };
  readonly campaigns: readonly {
    readonly kind: string;
    readonly ms: number;
    readonly waitedMs: number;
    readonly counts: Readonly<Record<"wraps" | "current" | "other" | "left", number>>;
    readonly targets: readonly { readonly region: string; readonly keyArn: string; readonly material?: string }[];
    readonly censusBefore: readonly CensusRow[];
    readonly censusAfter: readonly CensusRow[];
  }[];
  readonly readAgain: { readonly disabledKeys: readonly string[] };
  readonly regions: Readonly<Record<string, unknown>>;
}

const sum = (rows: readonly CensusRow[]) => rows.reduce((total, { wraps }) => total + wraps, 0);

/** Wraps by store and key, whatever their material. */
function wrapsUnder(rows: readonly CensusRow[]): Readonly<Record<string, number>> {
  const groups = Map.groupBy(rows, ({ store, keyArn }) => `${store} ${keyArn}`);
  return Object.fromEntries([...groups].map(([name, group]) => [name, sum(group)]));
}

function materialsUnder(rows: readonly CensusRow[], keyArn: string | undefined): (string | undefined)[] {
  return rows.filter((row) => row.keyArn === keyArn).map(({ material }) => material);
}

describe("the demo", () => {
  it("opens every record that went in through either queue, and prints one JSON document and nothing else", async () => {
    const { code, stdout } = await demo({}, "--no-replicas", "--no-campaigns", "--records", "600", "--json");
    const result = JSON.parse(stdout);
    expect(result).toMatchObject({ records: 600, opened: 600, mismatched: 0, rejected: 0, campaigns: [] });
    expect(result.stages.map(({ stage }: { stage: string }) => stage)).toEqual(["submit", "encrypt", "read"]);
    // Eight tenants share eight DEKs: one GenerateDataKey each, however many records.
    expect(result.deks).toBe(8);
    expect(result.kmsCalls[home].GenerateDataKey).toBe(8);
    expect(wrapsUnder(result.census.before)).toEqual(wrapsUnder(result.census.after));
    expect(result.readAgain).toBeUndefined();
    expect(result.regions).toEqual({});
    expect(code).toBe(0);
  });

  it("has every record in each replica Region, and opens it there with the home Region cut off", async () => {
    const { code, stdout } = await demo({}, "--no-campaigns", "--records", "120", "--json");
    expect(code).toBe(0);
    const result = JSON.parse(stdout);
    const all = { coverage: 1, records: 120, recordsArrived: 120, deks: 8, deksArrived: 8 };
    const opened = { opened: 120, mismatched: 0, failures: {}, ms: expect.any(Number) };
    expect(result.regions).toEqual({
      [home]: { role: "home", cutOff: true },
      [related]: { role: "replica", strategy: "multi-region", ...all, ...opened },
      [apart]: { role: "replica", strategy: "encrypt", ...all, ...opened },
    });
    expect(result.stages.map(({ stage }: { stage: string }) => stage)).toContain("replicate");
    // Copies are made without KMS; elsewhere each DEK is encrypted at least once: the first time may come too late.
    expect(result.kmsCalls[related].Encrypt).toBeUndefined();
    expect(result.kmsCalls[apart].Encrypt).toBeGreaterThanOrEqual(8);
    for (const region of [related, apart]) expect(result.kmsCalls[region].Decrypt).toBeGreaterThanOrEqual(8);
  }, 60_000);

  it("brings every wrap in each Region to new material and then to another key, and needs no old one", async () => {
    const { code, stdout, stderr } = await demo({}, "--records", "60", "--json");
    expect(code).toBe(0);
    const result: DemoDocument = JSON.parse(stdout);
    const { census, campaigns, readAgain } = result;
    expect(result).toMatchObject({ records: 60, deks: 8, opened: 60, mismatched: 0, rejected: 0 });
    const [rotation, keyToKey] = campaigns;
    if (!rotation || !keyToKey || campaigns.length > 2) throw new Error("the demo runs two campaigns");

    const whole = ["planned", "preflight", "canary", "running", "verifying", "complete"];
    for (const [campaign, regions] of [
      [rotation, [home, apart]],
      [keyToKey, [home, related, apart]],
    ] as const) {
      expect(campaign).toMatchObject({ state: "complete", states: whole });
      expect(campaign.targets.map(({ region }) => region).toSorted()).toEqual([...regions, home].toSorted());
      // Eight DEKs have a wrap in each Region; the transit key's wrap is under a key of its own.
      const swapped = 8 * regions.length;
      const { wraps, current, other, left } = campaign.counts;
      expect(campaign.counts).toMatchObject({ swapped, current: swapped, other: 1, left: 0, probed: swapped });
      expect(campaign.counts).toMatchObject({ failures: 0 });
      expect(current + other + left).toBe(wraps);
      expect(sum(campaign.censusBefore)).toBe(25);
      expect(sum(campaign.censusAfter)).toBe(25);
    }
    expect([rotation.kind, keyToKey.kind]).toEqual(["rotation", "key"]);
    expect(rotation.censusBefore).toEqual(census.before);
    expect(keyToKey.censusBefore).toEqual(rotation.censusAfter);
    expect(keyToKey.censusAfter).toEqual(census.after);

    const keysOf = ({ targets }: typeof rotation) =>
      new Map(targets.map(({ region, keyArn }) => [region, keyArn] as const));
    const [oldKeys, newKeys] = [keysOf(rotation), keysOf(keyToKey)];
    // A replica of home's key has its id, and its material; copies are brought along without a campaign.
    const oldRelated = oldKeys.get(home)?.replace(home, related) ?? "none";
    oldKeys.set(related, oldRelated);
    expect(newKeys.get(related)).toBe(newKeys.get(home)?.replace(home, related));
    for (const region of [home, related, apart]) {
      const [oldKey, newKey] = [oldKeys.get(region), newKeys.get(region)];
      expect(wrapsUnder(census.before)).toMatchObject({ [`dekhand ${oldKey}`]: 8 });
      expect(wrapsUnder(census.after)).toMatchObject({ [`dekhand ${newKey}`]: 8 });
      expect(census.after.filter(({ keyArn }) => keyArn === oldKey)).toEqual([]);
      const rotated = rotation.targets.find((target) => target.region === (region === apart ? apart : home));
      const materials = [census.before, rotation.censusAfter].map((rows) => materialsUnder(rows, oldKey));
      expect(materials[1]).toEqual([rotated?.material]);
      expect(materials[0]).not.toEqual(materials[1]);
    }
    expect(wrapsUnder(rotation.censusAfter)).toEqual(wrapsUnder(census.before));

    // The birth deadline is waited for, and said: by nothing less can the closing census be the last word.
    expect(keyToKey.ms).toBeGreaterThanOrEqual(30_000);
    expect(keyToKey.waitedMs).toBeGreaterThan(0);
    expect(keyToKey.waitedMs).toBeLessThanOrEqual(keyToKey.ms);
    expect(rotation.waitedMs).toBe(0);
    expect(stderr).toMatch(/^waiting until no DEK can be born under the old key, \d+ s$/m);

    expect(readAgain).toMatchObject({ opened: 60, mismatched: 0, failures: {} });
    expect(readAgain.disabledKeys.toSorted()).toEqual([...oldKeys.values()].toSorted());
    for (const region of [related, apart]) {
      expect(result.regions[region]).toMatchObject({ coverage: 1, opened: 60, mismatched: 0 });
    }
    const calls = result.kmsCalls[home];
    expect(calls).toMatchObject({ GenerateDataKey: 8, RotateKeyOnDemand: 1, DisableKey: 1 });
    // Each wrap twice, beside dry runs and probes; and unwrapped anew for the second reading.
    expect(calls?.ReEncrypt).toBeGreaterThanOrEqual(16);
    expect(calls?.Decrypt).toBeGreaterThanOrEqual(16);
    expect(result.kmsCalls[apart]?.ReEncrypt).toBeGreaterThanOrEqual(16);
  }, 180_000);

  it("ends within seconds when it is interrupted while a campaign waits, and leaves nothing behind", async () => {
    await using temporary = await tempDir("demo");
    await using process = await spawnScript({
      script: cli,
      args: ["demo", "--records", "20"],
      env: { DEKHAND_REDIS_URL: undefined, TMPDIR: temporary.path },
    });
    await process.waitForLine(/^waiting until no DEK/, { timeoutMs: 100_000 });
    const askedAt = performance.now();
    process.kill("SIGINT");
    expect(await process.exited).toMatchObject({ code: 130 });
    // Sat out, the wait alone would have taken 30 s.
    expect(performance.now() - askedAt).toBeLessThan(20_000);
    expect(process.stderr()).toMatch(/^waiting until no DEK .* s\ninterrupted$/m);
    expect(await readdir(temporary.path)).toEqual([]);
  }, 180_000);

  it("ends within seconds when it is interrupted while the home Region is cut off, and leaves nothing behind", async () => {
    await using temporary = await tempDir("demo");
    await using process = await spawnScript({
      script: cli,
      args: ["demo", "--no-campaigns", "--records", "200"],
      env: { DEKHAND_REDIS_URL: undefined, TMPDIR: temporary.path },
    });
    await process.waitForLine(/^cutting us-east-1 off/, { timeoutMs: 60_000 });
    const askedAt = performance.now();
    process.kill("SIGINT");
    expect(await process.exited).toMatchObject({ code: 130 });
    expect(performance.now() - askedAt).toBeLessThan(20_000);
    expect(process.stderr()).toMatch(/\ninterrupted$/m);
    expect(await readdir(temporary.path)).toEqual([]);
  }, 90_000);

  it("takes anybody's JSON lines, and fails when a line did not come back as it went in", async () => {
    await using folder = await tempDir("demo");
    const input = join(folder.path, "input.jsonl");
    await writeFile(input, '{"key":"a","x":[1, 2]}\n{"key":"b"}\n');
    expect(await demo({}, "--no-campaigns", "--input", input, "--id-field", "key")).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("2 opened, 0 mismatched"),
    });
    await writeFile(input, '{"key":"a","x":1}\n{"key":"a","x":2}\n');
    expect(await demo({}, "--no-campaigns", "--input", input, "--id-field", "key")).toMatchObject({
      code: 1,
      stdout: expect.stringContaining("1 mismatched, 1 rejected"),
    });
  });

  it("leaves another deployment's jobs alone in a Redis that both use, and nothing of its own behind", async () => {
    await using stack = await startStack();
    const recordIds = ["waits-1", "waits-2", "waits-3"];
    const records = recordIds.map((recordId) => ({ recordId, profile: plainProfile, payload: Buffer.from(recordId) }));
    await stack.client.submitAll(records, { via: "bullmq" });
    const { code, stdout } = await demo(
      { DEKHAND_REDIS_URL: stack.embedded.redisUrl },
      ...["--no-campaigns", "--records", "30", "--json"],
    );
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ opened: 30, rejected: 0 });
    const redis = new Redis(stack.embedded.redisUrl);
    const keys = await redis.keys("*");
    redis.disconnect();
    expect(keys.filter((key) => !key.startsWith("dekhand:"))).toEqual([]);
    await stack.startEncryptor();
    await untilStored(stack, recordIds);
  });

  it("says which lines of the input are no record, compares the others, and ends with 1", async () => {
    await using folder = await tempDir("demo");
    const input = join(folder.path, "input.jsonl");
    // Larger than an SQS message, and larger than any payload may be.
    const [large, tooLarge] = [1_500_000, 4_500_000].map((bytes) =>
      JSON.stringify({ id: bytes, x: "x".repeat(bytes) }),
    );
    const lines = ['{"id":"a"}', "secret text", JSON.stringify({ id: "i".repeat(600) }), large, tooLarge];
    await writeFile(input, lines.map((line) => `${line}\n`).join(""));
    const { code, stdout, stderr } = await demo({}, "--no-campaigns", "--input", input);
    expect(stdout).toContain("2 records under 1 DEK");
    expect(stdout).toContain("2 opened, 0 mismatched, 0 rejected");
    expect(stdout).toContain("3 lines not submitted");
    expect(stderr).toContain("line 2: not a JSON object");
    expect(stderr).toContain("line 3: JOBS_RECORD_ID_INVALID");
    expect(stderr).toContain("line 5: JOBS_PAYLOAD_TOO_LARGE");
    expect(stderr).not.toContain("secret text");
    expect(code).toBe(1);
  });

  it("does not pass on an input without records", async () => {
    await using folder = await tempDir("demo");
    const input = join(folder.path, "input.jsonl");
    await writeFile(input, "\n");
    const { code, stderr } = await demo({}, "--input", input);
    expect(code).toBe(2);
    expect(stderr).toContain(`${input} has no records (CLI_INPUT_UNREADABLE)`);
  });

  it("says what is wrong with the Redis that it is to use: 2 for no URL, 3 for one that is away", async () => {
    expect(await demo({ DEKHAND_REDIS_URL: "127.0.0.1:6379" })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("DEKHAND_REDIS_URL: expected a URL that starts with redis://"),
    });
    expect(await demo({ DEKHAND_REDIS_URL: "redis://127.0.0.1:9" })).toMatchObject({
      code: 3,
      stderr: expect.stringContaining("Redis cannot be reached (JOBS_QUEUE_UNREACHABLE)"),
    });
  });

  it("prints its document alone through npm, too, as the README says", async () => {
    const args = ["run", "--silent", "demo", "--", "--no-campaigns", "--records", "20", "--json"];
    const cwd = fileURLToPath(new URL("..", import.meta.url));
    await using npm = await spawnScript({ command: "npm", args, cwd, env: { DEKHAND_REDIS_URL: undefined } });
    expect(await npm.exited).toMatchObject({ code: 0 });
    expect(JSON.parse(npm.stdout())).toMatchObject({ opened: 20, unusable: [] });
  });
});
