import { readFile, writeFile } from "node:fs/promises";
import { tempDir } from "@dekhand/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ingest } from "./stack/ingest.ts";
import { plainProfile, type Stack, startStack } from "./stack/start-stack.ts";

const plaintext = "plaintext-4711";

let stack: Stack;
let folder: Awaited<ReturnType<typeof tempDir>>;
beforeAll(async () => {
  stack = await startStack();
  folder = await tempDir("terminal");
  await stack.startEncryptor();
  await ingest(stack, [{ recordId: "r-1", profile: plainProfile, payload: Buffer.from(plaintext) }]);
});
afterAll(async () => {
  await stack[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

describe("read on a terminal", () => {
  it("shows no plaintext, in either form, before there is a yes", async () => {
    for (const more of [[], ["--json"]]) {
      for (const typed of ["n\n", "\n", "\u0004"]) {
        const { exitCode, stdout, stderr } = await stack.dekhandOnTerminal(typed, "read", "r-1", ...more);
        expect({ exitCode, stdout }).toEqual({ exitCode: 4, stdout: "" });
        expect(stderr).toContain("Print 14 bytes of plaintext to this terminal? [y/N]");
        expect(stderr).toContain("CLI_NOT_CONFIRMED");
        expect(stderr).not.toContain(plaintext);
      }
    }
  });

  it("shows it after a yes, and with --yes without asking", async () => {
    const asked = await stack.dekhandOnTerminal("y\n", "read", "r-1");
    expect(asked).toMatchObject({ exitCode: 0, stdout: plaintext, stderr: expect.stringContaining("[y/N]") });
    const unasked = await stack.dekhandOnTerminal("", "read", "r-1", "--yes");
    expect(unasked).toEqual({ exitCode: 0, stdout: plaintext, stderr: "" });
  });

  it("writes a file without asking, and says so", async () => {
    const output = folder.join("r-1.txt");
    const { exitCode, stdout, stderr } = await stack.dekhandOnTerminal("", "read", "r-1", "--output", output);
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: "" });
    expect(stderr).toBe(`r-1: 14 bytes written to ${output}\n`);
    expect(await readFile(output, "utf8")).toBe(plaintext);
  });
});

describe("init on a terminal", () => {
  it("creates nothing after a no, and everything after a yes", async () => {
    const yaml = (await readFile(stack.embedded.configFile, "utf8")).replace("prefix: dekhand", "prefix: asked");
    const config = folder.join("asked.yaml");
    await writeFile(config, yaml);
    const init = (typed: string) => stack.dekhandOnTerminal(typed, "--config", config, "init");
    for (const _ of ["first", "again"]) {
      const refused = await init("n\n");
      expect(refused.exitCode).toBe(4);
      expect(refused.stderr).toMatch(/create +table asked-records in us-east-1[\s\S]*Create this\? \[y\/N\]/);
    }
    expect(await init("y\n")).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^done\n/) });
    const there = await init("");
    expect(there).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^everything is there already\n/) });
    expect(there.stderr).not.toContain("[y/N]");
  });
});

describe("jobs rejected redrive on a terminal", () => {
  it("redrives nothing after a no", async () => {
    const refused = await stack.dekhandOnTerminal("n\n", "jobs", "rejected", "redrive");
    expect(refused).toMatchObject({ exitCode: 4, stdout: "" });
    const done = await stack.dekhandOnTerminal("y\n", "jobs", "rejected", "redrive");
    expect(done).toMatchObject({ exitCode: 0, stdout: "0 redriven, 0 not asked for, 0 failed\n" });
  });
});

describe("ingest on a terminal", () => {
  it("has a bar that follows the file", async () => {
    const path = folder.join("records.jsonl");
    await writeFile(path, `${'{"id":"bar-1"}\n{"id":"bar-2"}\n'}\n\n`);
    const { exitCode, stderr } = await stack.dekhandOnTerminal("", "ingest", path, "--profile", plainProfile);
    expect(exitCode).toBe(0);
    expect(stderr).toMatch(/submitting +\S* 0% 0 /);
    expect(stderr).toMatch(/submitting +\S* 100% 2 /);
  });
});
