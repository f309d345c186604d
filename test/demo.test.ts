import { writeFile } from "node:fs/promises";
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

describe("the demo", () => {
  it("opens every record that went in through either queue, and prints one JSON document and nothing else", async () => {
    const { code, stdout } = await demo({}, "--records", "600", "--json");
    const result = JSON.parse(stdout);
    expect(result).toMatchObject({ records: 600, opened: 600, mismatched: 0, rejected: 0 });
    expect(result.stages.map(({ stage }: { stage: string }) => stage)).toEqual(["submit", "encrypt", "read"]);
    // Eight tenants share eight DEKs: one GenerateDataKey each, however many records.
    expect(result.deks).toBe(8);
    expect(result.kmsCalls["us-east-1"].GenerateDataKey).toBe(8);
    expect(code).toBe(0);
  });

  it("takes anybody's JSON lines, and fails when a line did not come back as it went in", async () => {
    await using folder = await tempDir("demo");
    const input = join(folder.path, "input.jsonl");
    await writeFile(input, '{"key":"a","x":[1, 2]}\n{"key":"b"}\n');
    expect(await demo({}, "--input", input, "--id-field", "key")).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("2 opened, 0 mismatched"),
    });
    await writeFile(input, '{"key":"a","x":1}\n{"key":"a","x":2}\n');
    expect(await demo({}, "--input", input, "--id-field", "key")).toMatchObject({
      code: 1,
      stdout: expect.stringContaining("1 mismatched, 1 rejected"),
    });
  });

  it("leaves another deployment's jobs alone in a Redis that both use, and nothing of its own behind", async () => {
    await using stack = await startStack();
    const recordIds = ["waits-1", "waits-2", "waits-3"];
    const records = recordIds.map((recordId) => ({ recordId, profile: plainProfile, payload: Buffer.from(recordId) }));
    await stack.client.submitAll(records, { via: "bullmq" });
    const { code, stdout } = await demo({ DEKHAND_REDIS_URL: stack.embedded.redisUrl }, "--records", "30", "--json");
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
    const { code, stdout, stderr } = await demo({}, "--input", input);
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
    const args = ["run", "--silent", "demo", "--", "--records", "20", "--json"];
    const cwd = fileURLToPath(new URL("..", import.meta.url));
    await using npm = await spawnScript({ command: "npm", args, cwd, env: { DEKHAND_REDIS_URL: undefined } });
    expect(await npm.exited).toMatchObject({ code: 0 });
    expect(JSON.parse(npm.stdout())).toMatchObject({ opened: 20, unusable: [] });
  });
});
