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

  it("says which line of the input is no record", async () => {
    await using folder = await tempDir("demo");
    const input = join(folder.path, "input.jsonl");
    await writeFile(input, '{"id":"a"}\nsecret text\n');
    const { code, stderr } = await demo({}, "--input", input);
    expect(code).toBe(2);
    expect(stderr).toContain("line 2: not a JSON object");
    expect(stderr).not.toContain("secret text");
  });
});
