import { readFile, writeFile } from "node:fs/promises";
import { tempDir } from "@dekhand/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CommandOutcome, runCommand } from "./stack/run-command.ts";
import { plainProfile, type Stack, startStack, tenantProfile } from "./stack/start-stack.ts";

/** Nobody listens there. */
const nowhere = "redis://127.0.0.1:9";

let stack: Stack;
let folder: Awaited<ReturnType<typeof tempDir>>;
beforeAll(async () => {
  stack = await startStack();
  folder = await tempDir("trouble");
});
afterAll(async () => {
  await stack[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

async function file(name: string, content: string): Promise<string> {
  const path = folder.join(name);
  await writeFile(path, content);
  return path;
}

/** The command line with other variables than the stack's. */
function dekhandWith(env: Readonly<Record<string, string>>, ...args: readonly string[]): Promise<CommandOutcome> {
  return runCommand(args, { env: { DEKHAND_CONFIG: stack.embedded.configFile, ...env } });
}

function records(count: number): string {
  return Array.from({ length: count }, (_, index) => `{"id":"r-${index}"}\n`).join("");
}

async function transitKey(): Promise<string> {
  const { stdout } = await stack.dekhand("init", "--json");
  return JSON.parse(stdout).transitKeys[0].publicKey;
}

describe("ingest without its queue", () => {
  it("stops with 3 and says where to go on, when Redis is away", async () => {
    const path = await file("many.jsonl", records(20));
    const env = { DEKHAND_REDIS_URL: nowhere, DEKHAND_TRANSIT_KEY: await transitKey() };
    const ingest = ["ingest", path, "--profile", plainProfile, "--via", "bullmq"];
    const { exitCode, stdout, stderr } = await dekhandWith(env, ...ingest, "--from-line", "3");
    expect(exitCode).toBe(3);
    expect(stdout).toBe("0 records submitted, 0 lines failed; the queue takes no more: go on with --from-line 3\n");
    expect(stderr).toContain("CLI_QUEUE_LOST");
    const json = await dekhandWith(env, ...ingest, "--json");
    expect(JSON.parse(json.stdout)).toEqual({
      submitted: 0,
      failed: 0,
      failures: [],
      interrupted: true,
      fromLine: 1,
    });
  });

  it("ends with 2 for a transit key or a Redis URL that is none", async () => {
    const ingest = ["ingest", await file("one.jsonl", records(1)), "--profile", plainProfile, "--via", "bullmq"];
    const key = await dekhandWith({ DEKHAND_REDIS_URL: nowhere, DEKHAND_TRANSIT_KEY: "bm8ga2V5" }, ...ingest);
    expect(key).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("JOBS_TRANSIT_KEY_INVALID") });
    const url = await dekhandWith({ DEKHAND_REDIS_URL: "127.0.0.1:6379" }, ...ingest);
    expect(url).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("DEKHAND_REDIS_URL") });
  });
});

describe("ingest of bad lines", () => {
  it("submits the lines before and after one that is too long, and names it", async () => {
    const long = `{"id":"long","text":"${"x".repeat(33 * 1024 * 1024)}"}`;
    const path = await file("long.jsonl", `{"id":"before"}\n${long}\n{"id":"after"}\n`);
    const { exitCode, stdout } = await stack.dekhand("ingest", path, "--profile", plainProfile, "--json");
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout)).toEqual({
      submitted: 2,
      failed: 1,
      failures: [{ line: 2, reason: "longer than 33554432 bytes" }],
    });
  });

  it("names them in their order, whoever found the fault", async () => {
    const lines = [{ id: 1, rev: -1 }, "no object", { id: 2, rev: 0.5 }, { id: 3, rev: "1" }, { id: 4, rev: 1 }];
    const path = await file("order.jsonl", lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
    const ingest = ["ingest", path, "--profile", plainProfile, "--revision-field", "rev"];
    const { exitCode, stdout, stderr } = await stack.dekhand(...ingest);
    expect(exitCode).toBe(1);
    expect(stdout).toBe("1 record submitted, 4 lines failed\n");
    expect(stderr.split("\n").filter((line) => line.startsWith("  line"))).toEqual([
      "  line 1: JOBS_REVISION_INVALID: revision must be at least 0",
      "  line 2: not a JSON object",
      "  line 3: JOBS_REVISION_INVALID: revision must be a whole number",
      "  line 4: the revision is not a number",
    ]);
  });

  it("refuses with 2 what no record can pass: a profile's required context that the command line does not give", async () => {
    const path = await file("tenants.jsonl", '{"id":"t-1","tenant":"acme"}\n');
    const { exitCode, stderr } = await stack.dekhand("ingest", path, "--profile", tenantProfile);
    expect(exitCode).toBe(2);
    expect(stderr).toContain("customer-pii requires tenant in the records' context");
  });
});

describe("the client", () => {
  it("refuses what the configuration shows to be wrong, record by record, in either queue", async () => {
    const payload = Buffer.from("x");
    const good = { recordId: "c-1", profile: tenantProfile, context: { tenant: "acme" }, payload };
    for (const via of ["sqs", "bullmq"] as const) {
      const outcomes = await stack.client.submitAll(
        [
          good,
          { ...good, context: {} },
          { recordId: "c-2", profile: tenantProfile, payload },
          { ...good, profile: "no" },
        ],
        { via },
      );
      expect(outcomes.map((outcome) => (outcome.ok ? "ok" : outcome.error.code))).toEqual([
        "ok",
        "JOBS_CONTEXT_MISSING_KEY",
        "JOBS_CONTEXT_MISSING_KEY",
        "CLIENT_PROFILE_UNKNOWN",
      ]);
    }
    await expect(stack.client.submit({ ...good, context: {} })).rejects.toMatchObject({
      code: "JOBS_CONTEXT_MISSING_KEY",
    });
  });
});

describe("jobs rejected without its queue", () => {
  it("ends with 3 and a code, in list and redrive", async () => {
    const yaml = await readFile(stack.embedded.configFile, "utf8");
    const missing = await file("missing.yaml", yaml.replace("encrypt: dekhand-encrypt", "encrypt: nobodys"));
    const down = await file("down.yaml", yaml.replace(/us-east-1: http:.*/, "us-east-1: http://127.0.0.1:9"));
    for (const command of [["list"], ["redrive", "--yes"]]) {
      for (const [config, reason] of [
        [missing, "QueueDoesNotExist"],
        [down, "ECONNREFUSED"],
      ] as const) {
        const { exitCode, stderr } = await stack.dekhand("--config", config, "jobs", "rejected", ...command);
        expect(stderr).toContain("JOBS_QUEUE_UNREACHABLE");
        expect(stderr).toContain(`reason: ${reason}`);
        expect(exitCode).toBe(3);
      }
      const away = await dekhandWith({ DEKHAND_REDIS_URL: nowhere }, "jobs", "rejected", ...command);
      expect(away).toMatchObject({ exitCode: 3, stderr: expect.stringContaining("Redis cannot be reached") });
    }
  });
});
