import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { tempDir } from "@dekhand/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { untilStored } from "./stack/ingest.ts";
import { type Stack, startStack } from "./stack/start-stack.ts";

let stack: Stack;
let folder: Awaited<ReturnType<typeof tempDir>>;
beforeAll(async () => {
  stack = await startStack();
  folder = await tempDir("cli");
  await stack.startEncryptor();
});
afterAll(async () => {
  await stack[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

async function file(name: string, content: string): Promise<string> {
  const path = join(folder.path, name);
  await writeFile(path, content);
  return path;
}

describe("init", () => {
  it("creates nothing the second time, and tells the public transit key again", async () => {
    const { exitCode, stdout } = await stack.dekhand("init", "--json");
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      created: false,
      transitKeys: [{ keyId: expect.stringMatching(/^x25519-/) }],
    });
  });

  it("shows what it would create, and creates nothing without a yes", async () => {
    const yaml = (await readFile(stack.embedded.configFile, "utf8")).replace("prefix: dekhand", "prefix: other");
    const config = await file("other.yaml", yaml);
    const asked = await stack.dekhand("--config", config, "init");
    expect(asked.exitCode).toBe(4);
    expect(asked.stderr).toMatch(/create +table other-records in us-east-1/);
    const again = await stack.dekhand("--config", config, "init");
    expect(again.stderr).toMatch(/create +table other-records in us-east-1/);
  });
});

describe("ingest and read", () => {
  it("submits each line byte for byte, names the lines it cannot use, and ends with 1 if there were any", async () => {
    const good = '{"id":"line-1","tenant":"acme","text":"a\u2028b","spaces":  1}';
    const path = await file(
      "records.jsonl",
      [good, "not json", '{"id":"no tenant"}', "", '{"id":2,"tenant":"acme"}\r'].join("\n"),
    );
    const { exitCode, stdout } = await stack.dekhand(
      "ingest",
      path,
      "--profile",
      "customer-pii",
      "--context-field",
      "tenant",
      "--json",
    );
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout)).toEqual({
      submitted: 2,
      failed: 2,
      failures: [
        { line: 2, reason: "not a JSON object" },
        { line: 3, reason: "no string in field tenant" },
      ],
    });
    await untilStored(stack, ["line-1", "2"]);
    const read = await stack.dekhand("read", "line-1", "--context", "tenant=acme");
    expect(read).toMatchObject({ exitCode: 0, stdout: good });
    expect((await stack.dekhand("read", "2")).stdout).toBe('{"id":2,"tenant":"acme"}');
  });

  it("goes over BullMQ too", async () => {
    const path = await file("bull.jsonl", '{"id":"over-bullmq"}\n');
    expect((await stack.dekhand("ingest", path, "--profile", "documents", "--via", "bullmq")).exitCode).toBe(0);
    await untilStored(stack, ["over-bullmq"]);
  });

  it("writes plaintext only to a new file of its owner's", async () => {
    const output = join(folder.path, "line-1.json");
    expect((await stack.dekhand("read", "line-1", "--output", output)).exitCode).toBe(0);
    expect((await stat(output)).mode & 0o777).toBe(0o600);
    expect((await stack.dekhand("read", "line-1", "--output", output)).exitCode).toBe(2);
  });

  it("refuses a record of another context, and one that is not there, with 1 and the code", async () => {
    const other = await stack.dekhand("read", "line-1", "--context", "tenant=dunes");
    expect(other).toMatchObject({ exitCode: 1, stdout: "" });
    expect(other.stderr).toContain("CLIENT_CONTEXT_MISMATCH");
    expect((await stack.dekhand("read", "nobody")).exitCode).toBe(1);
  });
});

describe("keys", () => {
  it("counts the wraps under each key, and shows live workers", async () => {
    const { stdout } = await stack.dekhand("keys", "--json");
    const shown = JSON.parse(stdout);
    expect(shown.keys).toContainEqual(expect.objectContaining({ profile: "customer-pii", state: "Enabled" }));
    expect(shown.wraps.reduce((sum: number, { count }: { count: number }) => sum + count, 0)).toBe(2);
    expect(shown.workers).toContainEqual(expect.objectContaining({ service: "encryptor" }));
  });
});

describe("config check", () => {
  it("warns when fewer than 20 records share a DEK", async () => {
    const few = await stack.dekhand("config", "check", "--records-per-day", "1000", "--scopes", "1000");
    expect(few).toMatchObject({
      exitCode: 0,
      stderr: expect.stringContaining("customer-pii seals fewer than 20 records per DEK"),
    });
    const many = await stack.dekhand("config", "check", "--records-per-day", "100000000", "--scopes", "10", "--json");
    expect(JSON.parse(many.stdout).profiles[0]).toMatchObject({ recordsPerDek: 1000, deksPerDay: 100_000, few: false });
  });

  it("reports every fault of the configuration at once", async () => {
    const config = await file("bad.yaml", "prefix: X!\nregions: [nowhere]\nprofiles: {}\nextra: 1\n");
    const { exitCode, stderr } = await stack.dekhand("--config", config, "config", "check");
    expect(exitCode).toBe(2);
    for (const path of ["prefix", "regions", "profiles", "extra"]) expect(stderr).toContain(path);
  });
});

describe("the command line itself", () => {
  it("ends with 2 for what it does not know or cannot find, and with 0 for help", async () => {
    expect((await stack.dekhand("encrypt-everything")).exitCode).toBe(2);
    expect((await stack.dekhand("--config", "/nowhere.yaml", "keys")).exitCode).toBe(2);
    expect((await stack.dekhand("ingest", "/nowhere.jsonl", "--profile", "documents")).exitCode).toBe(2);
    expect((await stack.dekhand("config", "check", "--workers", "0")).exitCode).toBe(2);
    const help = await stack.dekhand("--help");
    expect(help.exitCode).toBe(0);
    expect(help.stdout).toContain("Exit codes");
  });
});
