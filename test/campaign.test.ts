import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DescribeKeyCommand, RotateKeyOnDemandCommand } from "@aws-sdk/client-kms";
import { eventually, tempDir } from "@dekhand/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { changeKey, ingestLoneRecords, type LoneRecord, wrapsOf } from "./stack/key-change.ts";
import { region, type Stack, startStack } from "./stack/start-stack.ts";

const alias = "alias/customer-pii";

let stack: Stack;
beforeEach(async () => {
  stack = await startStack();
});
afterEach(() => stack[Symbol.asyncDispose]());

const requireReadable = async (records: readonly LoneRecord[]) => {
  for (const { recordId, context, payload } of records) {
    expect((await stack.client.read(recordId, context)).payload.equals(payload)).toBe(true);
  }
};
const ok = async (...args: readonly string[]) => {
  const outcome = await stack.dekhand(...args);
  if (outcome.exitCode !== 0) throw new Error(`dekhand ${args.join(" ")}: ${outcome.stderr}`);
  return outcome.stdout;
};

describe("dekhand campaign", () => {
  it("brings all wraps to a key's new material, shows it while it runs, and proves it afterwards", async () => {
    const records = await ingestLoneRecords(stack, 40);
    const { kms } = stack.clients.region(region);
    const { KeyMetadata: before } = await kms.send(new DescribeKeyCommand({ KeyId: alias }));
    await kms.send(new RotateKeyOnDemandCommand({ KeyId: before?.Arn }));
    const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: alias }));
    await Promise.all([stack.startRewrapper(), stack.startControl()]);

    const plan = JSON.parse(await ok("campaign", "plan", "--kind", "rotation", "--from", alias, "--json"));
    expect(plan.totals.toRewrap).toBe(40);
    const started = await ok(
      "campaign",
      "start",
      "--kind",
      "rotation",
      "--from",
      alias,
      "--yes",
      "--id",
      "r-1",
      "--watch",
    );
    expect(started).toContain("campaign r-1 is complete");

    for (const wrap of await wrapsOf(stack, records)) {
      expect(wrap).toMatchObject({ material: KeyMetadata?.CurrentKeyMaterialId, campaign: "r-1" });
    }
    await requireReadable(records);
    const status = JSON.parse(await ok("campaign", "status", "r-1", "--json"));
    expect(status.history.map(({ to }: { to: string }) => to)).toEqual([
      "planned",
      "preflight",
      "canary",
      "running",
      "verifying",
      "complete",
    ]);

    await using folder = await tempDir("evidence");
    const file = join(folder.path, "evidence.json");
    await ok("campaign", "evidence", "r-1", "--out", file, "--html", join(folder.path, "evidence.html"));
    expect(await ok("campaign", "evidence", "--check", file)).toContain("matches its hash");
    const text = await readFile(file, "utf8");
    await writeFile(file, text.replace('"complete"', '"failed"'));
    expect((await stack.dekhand("campaign", "evidence", "--check", file)).exitCode).toBe(1);
  });

  it("moves from key to key, and nothing is made under the old key any more by whoever did not notice", async () => {
    const records = await ingestLoneRecords(stack, 30);
    const { oldKey, newKey, config, configFile } = await changeKey(stack);
    await Promise.all([stack.startRewrapper({ config }), stack.startControl({ config })]);
    const started = await stack.dekhand(
      ...["--config", configFile, "campaign", "start", "--kind", "key", "--from", oldKey, "--to", newKey],
      ...["--yes", "--id", "k-1", "--watch"],
    );
    expect(started).toMatchObject({ exitCode: 0 });
    for (const wrap of await wrapsOf(stack, records)) expect(wrap).toMatchObject({ keyArn: newKey, campaign: "k-1" });
    await requireReadable(records);
    expect(await stack.stores.state.leftKey(oldKey)).toMatchObject({ campaignId: "k-1" });
  });

  it("pauses, takes another share, resumes and is cancelled at an operator's word, and says who did it", async () => {
    await ingestLoneRecords(stack, 20);
    const { oldKey, newKey, config, configFile } = await changeKey(stack);
    const command = (...args: readonly string[]) => stack.dekhand("--config", configFile, "campaign", ...args);
    const start = (id: string) =>
      command("start", "--kind", "key", "--from", oldKey, "--to", newKey, "--yes", "--no-plan", "--id", id, "--json");

    const both = await Promise.all([start("first"), start("second")]);
    expect(both.map(({ exitCode }) => exitCode).sort()).toEqual([0, 1]);
    const [won, lost] = both[0]?.exitCode === 0 ? ["first", "second"] : ["second", "first"];
    expect(both.map(({ stderr }) => stderr).join("")).toContain("STORE_CAMPAIGN_LOCKED");
    expect((await command("status", lost)).exitCode).toBe(2);

    expect(await command("pause", won)).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining("cannot be paused"),
    });
    await Promise.all([stack.startRewrapper({ config }), stack.startControl({ config })]);
    await eventually(async () => (await stack.stores.campaigns.get(won))?.status === "verifying", {
      timeoutMs: 60_000,
    });
    expect((await command("pause", won, "--reason", "a deployment")).exitCode).toBe(0);
    expect((await command("watch", won)).stdout).toContain("is paused: a deployment");
    expect((await command("share", won, "0.2")).exitCode).toBe(0);
    expect((await command("share", won, "2")).exitCode).toBe(2);
    expect((await command("resume", won)).stdout).toContain("is verifying");
    expect((await command("cancel", won)).exitCode).toBe(4);
    expect((await command("cancel", won, "--yes")).exitCode).toBe(0);

    const status = JSON.parse((await command("status", won, "--json")).stdout);
    expect(status.campaign).toMatchObject({ status: "cancelled", controls: { share: 0.2 } });
    expect(status.history.filter(({ actor }: { actor: string }) => actor !== "dekhand-control")).toHaveLength(6);
    expect((await command("list")).stdout).toContain("cancelled");
    // What was left is written under again: nobody leaves the key any more.
    await eventually(async () => (await stack.stores.state.leftKey(oldKey)) === undefined, { timeoutMs: 30_000 });
  }, 120_000);
});
