import { DescribeKeyCommand } from "@aws-sdk/client-kms";
import { eventually } from "@dekhand/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { changeKey, ingestLoneRecords } from "./stack/key-change.ts";
import { region, type Stack, startStack } from "./stack/start-stack.ts";

/** A key from the campaign that leaves it to its deletion, as an operator at the command line takes it there. */

let stack: Stack;
beforeEach(async () => {
  stack = await startStack();
});
afterEach(() => stack[Symbol.asyncDispose]());

const keyState = async (keyArn: string) => {
  const { KeyMetadata } = await stack.clients.region(region).kms.send(new DescribeKeyCommand({ KeyId: keyArn }));
  return KeyMetadata?.KeyState;
};

describe("dekhand keys retire", () => {
  it("disables a key once nothing is under it, deletes it only when asked to, and every record still opens", async () => {
    const records = await ingestLoneRecords(stack, 20);
    const { oldKey, newKey, config, configFile } = await changeKey(stack);
    const dekhand = (...args: readonly string[]) => stack.dekhand("--config", configFile, ...args);
    const retire = async (...args: readonly string[]) => {
      const { exitCode, stdout, stderr } = await dekhand("keys", "retire", oldKey, "--json", ...args);
      return { exitCode, stderr, report: stdout === "" ? undefined : JSON.parse(stdout) };
    };
    const soak = ["--backups", "0s", "--soak", "1s"];

    const early = await retire(...soak);
    expect(early).toMatchObject({ exitCode: 1, report: { outcome: "wraps-found", probe: { under: { count: 20 } } } });
    expect(early.report.probe.under.first).toHaveLength(20);
    expect(await retire("--schedule-deletion", "--yes")).toMatchObject({ exitCode: 1, report: { outcome: "refused" } });

    await Promise.all([stack.startRewrapper({ config }), stack.startControl({ config })]);
    const campaign = ["campaign", "start", "--kind", "key", "--from", oldKey, "--to", newKey, "--yes", "--id", "k-1"];
    expect(await dekhand(...campaign, "--watch")).toMatchObject({ exitCode: 0 });

    const begun = await retire(...soak);
    expect(begun).toMatchObject({
      exitCode: 0,
      report: { outcome: "soak-begun", leftBy: ["k-1"], listed: ["profiles.customer-pii.retiring"] },
    });
    expect(begun.stderr).toContain("probing");
    expect(begun.report.guard.Action).toEqual(["kms:DisableKey", "kms:ScheduleKeyDeletion"]);

    // Nobody is at a terminal who could say yes.
    const isOver = async () => (await retire(...soak)).exitCode === 4;
    await eventually(isOver);
    expect(await keyState(oldKey)).toBe("Enabled");
    expect(await retire(...soak, "--yes")).toMatchObject({ exitCode: 0, report: { outcome: "disabled" } });
    expect(await keyState(oldKey)).toBe("Disabled");
    expect(await retire(...soak, "--yes")).toMatchObject({ exitCode: 0, report: { outcome: "already-disabled" } });
    for (const { recordId, context, payload } of records) {
      expect((await stack.client.read(recordId, context)).payload.equals(payload)).toBe(true);
    }

    expect((await retire("--schedule-deletion")).exitCode).toBe(4);
    expect(await keyState(oldKey)).toBe("Disabled");
    const scheduled = await retire("--schedule-deletion", "--days", "7", "--yes");
    expect(scheduled).toMatchObject({ exitCode: 0, report: { outcome: "deletion-scheduled" } });
    expect(scheduled.report.next.join()).toContain(`aws kms cancel-key-deletion --key-id ${oldKey}`);
    expect(await keyState(oldKey)).toBe("PendingDeletion");

    const list = JSON.parse((await dekhand("keys", "retire", "--list", "--json")).stdout);
    expect(list).toMatchObject([{ keyArn: oldKey, stage: "deletion-pending", keyState: "PendingDeletion" }]);
    const shown = await dekhand("keys", "retire", oldKey, ...soak);
    expect(shown).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("cancel-key-deletion") });
    expect(shown.stdout).toContain("kms:TrailingDaysWithoutKeyUsage");
  });

  it("refuses the key that new DEKs are made under, and what is asked for in vain", async () => {
    const used = await stack.dekhand("keys", "retire", "alias/customer-pii", "--backups", "35d");
    expect(used).toMatchObject({ exitCode: 1, stdout: expect.stringContaining("profiles.customer-pii.key") });
    for (const [args, why] of [
      [["alias/documents"], "--backups"],
      [["alias/documents", "--backups", "35d", "--soak", "35d"], "--soak"],
      [["alias/documents", "--backups", "35"], "expected a duration"],
      [["alias/documents", "--backups", "35d", "--region", "eu-west-1"], "eu-west-1"],
      [["alias/documents", "--schedule-deletion", "--days", "6"], "at least 7"],
      [["alias/documents", "--backups", "35d", "--accept-use", " "], "expected a reason"],
      [["alias/documents", "--list"], "--list"],
      [[], "--list"],
    ] as const) {
      const refused = await stack.dekhand("keys", "retire", ...args);
      expect(refused).toMatchObject({ exitCode: 2, stdout: "", stderr: expect.stringContaining(why) });
    }
    expect((await stack.dekhand("keys", "--json")).exitCode).toBe(0);
  });
});
