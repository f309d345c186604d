import { createMetrics } from "@dekhand/runtime";
import { eventually } from "@dekhand/testing";
import { afterEach, describe, expect, it } from "vitest";
import { apart, home, type ReplicatedStack, related, startReplicatedStack } from "./stack/replicated-stack.ts";
import { tablesOf } from "./stack/tables.ts";

let replicated: ReplicatedStack;
afterEach(() => replicated.stack[Symbol.asyncDispose]());

describe("a drill", () => {
  it("opens all records of a Region with every other one cut off, and status tells of it afterwards", async () => {
    replicated = await startReplicatedStack(40);
    const { stack } = replicated;
    for (const region of [home, related]) stack.aws.control.cutOff(region, true);
    const cutOff = await stack.dekhand("drill", "--region", apart, "--sample", "all", "--json");
    expect(cutOff.exitCode).toBe(0);
    expect(JSON.parse(cutOff.stdout)).toMatchObject({ asked: 40, opened: 40, failed: 0, writtenTo: [apart] });
    expect(cutOff.stderr).toContain(`warning: the result could not be written in ${home}`);
    for (const region of [home, related]) stack.aws.control.cutOff(region, false);

    const drawn = await stack.dekhand("drill", "--region", related, "--sample", "10");
    expect(drawn).toMatchObject({ exitCode: 0, stdout: `${related}: 10 opened, 0 failed\n` });
    expect((await stack.stores.state.lastDrill(related))?.opened).toBe(10);
    const { stdout } = await stack.dekhand("replicas", "status", "--once");
    expect(stdout.match(/just now, 40 opened, 0 failed/g)).toHaveLength(2);
    expect(stdout.match(/just now, 10 opened, 0 failed/g)).toHaveLength(2);
    expect(await stack.dekhand("drill", "--region", "eu-central-1")).toMatchObject({ exitCode: 2 });
  }, 120_000);

  it("with a record that does not open fails, names it, and shows none of what it opened", async () => {
    replicated = await startReplicatedStack(10);
    const { stack } = replicated;
    const tables = tablesOf(stack, apart);
    const head = await tables.get("records", "record-3", "head");
    await tables.put("records", { ...head, contentType: { S: "text/html" } });
    const { exitCode, stdout, stderr } = await stack.dekhand("drill", "--region", apart, "--sample", "all");
    expect(exitCode).toBe(1);
    expect(stdout).toContain(`${apart}: 9 opened, 1 failed`);
    expect(stdout).toMatch(/record-3 +ENVELOPE_AUTHENTICATION_FAILED/);
    expect(stdout + stderr).not.toContain("payload");
    const status = await stack.dekhand("replicas", "status", "--once");
    expect(status.stderr).toContain(`warning: the last drill in ${apart} could not open 1`);
  }, 120_000);

  it("that is due is run by one control service of several, and its failure raises the metric", async () => {
    replicated = await startReplicatedStack(10);
    const { stack } = replicated;
    const tables = tablesOf(stack, apart);
    // So that no pass is due, which would mend what the drill is to find.
    expect(await stack.dekhand("replicas", "reconcile")).toMatchObject({ exitCode: 0 });
    for (const { recordId } of replicated.records) {
      const head = await tables.get("records", recordId, "head");
      await tables.put("records", { ...head, epoch: { N: "7" } });
    }
    const metrics = [createMetrics({ service: "control" }), createMetrics({ service: "control" })];
    const config = { ...stack.config, drills: { everyMs: 3_600_000, sample: 5 } };
    const recovery = { statusEveryMs: 100, lookEveryMs: 100 };
    await Promise.all(metrics.map((each) => stack.startControl({ metrics: each, config, recovery })));
    for (const each of metrics) {
      await eventually(
        async () => {
          const shown = await each.render();
          expect(shown).toContain(`dekhand_drill_last_failed{region="${apart}",service="control"} 5`);
          expect(shown).toContain(`dekhand_drill_last_failed{region="${related}",service="control"} 0`);
          expect(shown).toMatch(/dekhand_drill_age_seconds\{region="ap-southeast-2"/);
        },
        { timeoutMs: 40_000, intervalMs: 200 },
      );
    }
    for (const region of [related, apart]) {
      expect((await stack.stores.state.listDrills(region)).entries).toHaveLength(1);
    }
    expect(stack.logs()).toContain("a drill could not open every record");
  }, 120_000);
});
