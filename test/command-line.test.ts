import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { eventually, type SpawnScriptOptions, spawnScript, tempDir } from "@dekhand/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { untilStored } from "./stack/ingest.ts";
import { runCommand } from "./stack/run-command.ts";
import { type RunningEncryptor, type Stack, startStack } from "./stack/start-stack.ts";

let stack: Stack;
let running: RunningEncryptor;
let folder: Awaited<ReturnType<typeof tempDir>>;
beforeAll(async () => {
  stack = await startStack();
  folder = await tempDir("cli");
  running = await stack.startEncryptor();
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

const main = fileURLToPath(import.meta.resolve("../services/cli/src/main.ts"));

/** The command as a process, in a shell that may limit or redirect it; `dekhand` stands for it. */
async function inShell(line: string, options: SpawnScriptOptions = {}) {
  const command = `dekhand() { "${process.execPath}" "${main}" "$@"; }; ${line}`;
  await using shell = await spawnScript({ command: "bash", args: ["-c", command], ...options });
  const { code } = await shell.exited;
  return { code, stdout: shell.stdout(), stderr: shell.stderr() };
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

  it("shows how many KMS calls a second Dekhand may make in each Region", async () => {
    const config = await file(
      "quota.yaml",
      JSON.stringify({
        prefix: "dekhand",
        regions: ["us-east-1", "eu-north-1"],
        control: "us-east-1",
        profiles: { pii: { home: "us-east-1", key: "alias/pii" } },
        quota: { share: 0.25, workers: 5, regions: { "eu-north-1": 20_000 } },
      }),
    );
    const { stdout } = await stack.dekhand("--config", config, "config", "check");
    expect(stdout).toMatch(/us-east-1 +100,000 +25,000 +13,500 +500\n/);
    const json = await stack.dekhand("--config", config, "config", "check", "--json");
    expect(JSON.parse(json.stdout).quotas).toEqual([
      { region: "us-east-1", accountQuota: 100_000, share: 25_000, campaign: 13_500, floorPerWorker: 500 },
      { region: "eu-north-1", accountQuota: 20_000, share: 5_000, campaign: 2_700, floorPerWorker: 100 },
    ]);
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

describe("ingest, again and interrupted", () => {
  const settled = () => {
    const stats = running.encryptor.consumers().map((consumer) => consumer.stats());
    const rejected = stats.reduce((sum, each) => sum + each.rejected, 0);
    return { rejected, all: stats.reduce((sum, { done }) => sum + done, rejected) };
  };

  it("takes the same line again for the same job: nothing is rejected", async () => {
    const path = await file("again.jsonl", '{"id":"again-1"}\n');
    const before = settled();
    for (const _ of [1, 2]) expect((await stack.dekhand("ingest", path, "--profile", "documents")).exitCode).toBe(0);
    await eventually(() => settled().all >= before.all + 2);
    expect(settled().rejected).toBe(before.rejected);
  });

  it("submits a pipe's line while the pipe is silent; Ctrl-C ends the wait, and the report is printed", async () => {
    await using waiting = await spawnScript({
      script: main,
      args: ["ingest", "-", "--profile", "documents", "--json"],
      keepInputOpen: true,
    });
    waiting.write('{"id":"through-a-pipe"}\n');
    await untilStored(stack, ["through-a-pipe"]);
    waiting.kill("SIGINT");
    expect(await waiting.exited).toMatchObject({ code: 130 });
    expect(JSON.parse(waiting.stdout())).toEqual({ submitted: 1, failed: 0, failures: [], interrupted: true });
  });

  it("refuses a directory with 2", async () => {
    const { exitCode, stderr } = await stack.dekhand("ingest", folder.path, "--profile", "documents");
    expect(exitCode).toBe(2);
    expect(stderr).toContain("CLI_INPUT_UNREADABLE");
  });
});

describe("outputs that cannot be written", () => {
  it("ends with 3 and one line on a full disk", async () => {
    for (const command of ["read line-1", "read line-1 --json", "--help"]) {
      const { code, stderr } = await inShell(`dekhand ${command} > /dev/full`);
      expect(stderr.trim()).toBe("standard output could not be written: ENOSPC (CLI_OUTPUT_FAILED)");
      expect(code).toBe(3);
    }
  });

  it("ends quietly when the reader of the pipe has gone", async () => {
    for (const command of ["read line-1", "--help"]) {
      expect(await inShell(`set -o pipefail; dekhand ${command} | true`)).toMatchObject({ code: 0, stderr: "" });
    }
  });

  it("leaves no part of a file behind, and says what the system said", async () => {
    const path = await file("long.jsonl", `{"id":"long-1","text":"${"x".repeat(8_000)}"}\n`);
    expect((await stack.dekhand("ingest", path, "--profile", "documents")).exitCode).toBe(0);
    await untilStored(stack, ["long-1"]);
    const output = join(folder.path, "long-1.json");
    const { code, stderr } = await inShell(`ulimit -f 1; dekhand read long-1 --output '${output}'`);
    expect(stderr).toContain("EFBIG (CLI_OUTPUT_FAILED)");
    expect(code).toBe(3);
    await expect(stat(output)).rejects.toMatchObject({ code: "ENOENT" });

    const nowhere = await stack.dekhand("read", "long-1", "--output", join(folder.path, "nowhere", "file"));
    expect(nowhere).toMatchObject({ exitCode: 3, stderr: expect.stringContaining("ENOENT (CLI_OUTPUT_FAILED)") });
    const there = await stack.dekhand("read", "long-1", "--output", path);
    expect(there).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("exists already") });
  });
});

describe("read", () => {
  it("ends with 2 for an id that no record can have", async () => {
    expect(await stack.dekhand("read", "r".repeat(513))).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining("STORE_VALUE_INVALID"),
    });
  });

  it("shows a terminal no control characters of an id", async () => {
    const { stderr } = await stack.dekhand("read", "\u001b[2Jnobody");
    expect(stderr).toContain("\\u001b[2Jnobody");
    expect(stderr).not.toContain("\u001b");
  });
});

describe("jobs rejected", () => {
  it("says when there is more than it shows, and when Redis was not looked at", async () => {
    const path = await file("conflicts.jsonl", '{"id":"again-1","n":1}\n{"id":"again-1","n":2}\n');
    expect((await stack.dekhand("ingest", path, "--profile", "documents")).exitCode).toBe(0);
    await eventually(async () => {
      const { stdout } = await stack.dekhand("jobs", "rejected", "list", "--json");
      return JSON.parse(stdout).rejected.length === 2;
    });
    const list = await inShell("dekhand jobs rejected list --limit 1", { env: { DEKHAND_REDIS_URL: undefined } });
    expect(list.stderr).toContain("there are more rejected jobs");
    expect(list.stderr).toContain("Redis was not looked at");
    const { stderr } = await stack.dekhand("jobs", "rejected", "list");
    expect(stderr).toBe("");
    const redrive = await inShell("dekhand jobs rejected redrive --yes --job-id none", {
      env: { DEKHAND_REDIS_URL: undefined },
    });
    expect(redrive.stderr).toContain("Redis was not looked at");
  });
});

describe("demo", () => {
  it("ends on an abort while it reads back, and says that it stopped", async () => {
    const ending = new AbortController();
    const { exitCode, stderr } = await runCommand(["demo", "--records", "100"], {
      env: {},
      signal: ending.signal,
      // In the moment in which it is written: a signal from outside could come after the last record.
      onStderr: (text) => {
        if (/^replicating: .* finished$/m.test(text)) ending.abort();
      },
    });
    expect(exitCode).toBe(130);
    expect(stderr).toMatch(/^reading: \d+ of 100, stopped$/m);
  });

  it("ends on a signal that reaches it several times, and leaves nothing behind", async () => {
    await using temporary = await tempDir("demo");
    await using demo = await spawnScript({
      script: main,
      args: ["demo", "--records", "2000"],
      env: { DEKHAND_REDIS_URL: undefined, TMPDIR: temporary.path },
    });
    await demo.waitForLine(/^submitting: .* finished$/, { timeoutMs: 40_000 });
    for (const _ of ["from the terminal", "from npm", "from the set-up"]) demo.kill("SIGINT");
    expect(await demo.exited).toMatchObject({ code: 130 });
    expect(await readdir(temporary.path)).toEqual([]);
  });
});
