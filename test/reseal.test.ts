import { readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { readDeploymentConfig } from "@dekhand/runtime";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { ingestLoneRecords } from "./stack/key-change.ts";
import { type Stack, startStack, tenantProfile } from "./stack/start-stack.ts";

let stack: Stack;
beforeEach(async () => {
  stack = await startStack();
});
afterEach(() => stack[Symbol.asyncDispose]());

/** DEKs are used for a second only: the reseal waits for as long as they might be. */
const withShortReuse = async () => {
  const { configFile: from } = stack.embedded;
  const written = parse(await readFile(from, "utf8"));
  for (const profile of Object.values<Record<string, unknown>>(written.profiles)) profile.reuse = { age: "1s" };
  const configFile = join(dirname(from), "short-reuse.yaml");
  await writeFile(configFile, stringify(written));
  return { configFile, config: readDeploymentConfig(configFile) };
};

describe("dekhand campaign reseal", () => {
  it("seals the records of leaked DEKs again while they are read, and retires those DEKs", async () => {
    const records = await ingestLoneRecords(stack, 12);
    const { config, configFile } = await withShortReuse();
    await Promise.all([stack.startRewrapper({ config }), stack.startControl({ config })]);
    const leaked = records.slice(0, 5);
    const command = (...args: readonly string[]) => stack.dekhand("--config", configFile, "campaign", ...args);
    const done = await command(
      ...["reseal", "--dek", ...leaked.map(({ dekId }) => dekId)],
      ...["--job-deadline", "0s", "--yes", "--id", "leak-1", "--watch"],
    );
    expect({ ...done, stderr: "" }).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining("leak-1 is complete"),
    });
    expect(done.stdout).toMatch(/us-east-1 +5/);

    for (const { recordId, context, payload, dekId } of records) {
      expect((await stack.client.read(recordId, context)).payload.equals(payload)).toBe(true);
      const wasLeaked = leaked.some((one) => one.dekId === dekId);
      expect((await stack.stores.records.get(recordId))?.dekId === dekId).toBe(!wasLeaked);
      expect((await stack.stores.deks.getSummary(dekId))?.status).toBe(wasLeaked ? "retired" : "active");
    }
    expect(JSON.parse((await command("revive", "--json")).stdout)).toEqual({ count: 0, deks: [] });
    expect((await command("reseal", "--dek", "no-dek", "--yes")).exitCode).toBe(2);
    expect((await command("reseal", "--profile", tenantProfile)).exitCode).toBe(2);
  });
});
