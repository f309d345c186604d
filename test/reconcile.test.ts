import { createMetrics } from "@dekhand/runtime";
import { eventually } from "@dekhand/testing";
import { afterEach, describe, expect, it } from "vitest";
import {
  apart,
  home,
  type ReplicatedStack,
  related,
  replicas,
  requireOpens,
  startReplicatedStack,
  untilPaid,
} from "./stack/replicated-stack.ts";
import { tablesOf } from "./stack/tables.ts";

let replicated: ReplicatedStack;
afterEach(() => replicated.stack[Symbol.asyncDispose]());

function flipped(bytes: Uint8Array | undefined): { B: Uint8Array } {
  const changed = Buffer.from(bytes ?? []);
  changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
  return { B: changed };
}

describe("replicas reconcile", () => {
  it("finds what was swapped, flipped and deleted behind everybody's back, repairs it, and reports it", async () => {
    replicated = await startReplicatedStack(40);
    const { stack } = replicated;
    const dekOf = async (recordId: string) => (await stack.stores.records.getHead(recordId))?.dekId ?? "";

    // A wrap that two DEKs have changed places in; a bit in an envelope, at home; a record that is gone, and one at home.
    const there = tablesOf(stack, apart);
    const [one, other] = await Promise.all(["record-1", "record-3"].map(dekOf));
    const [first, second] = await Promise.all(
      [one, other].map((dekId) => there.get("deks", dekId ?? "", `wrap#${apart}`)),
    );
    await there.put("deks", { ...first, blob: second?.blob ?? { NULL: true } });
    await there.put("deks", { ...second, blob: first?.blob ?? { NULL: true } });
    const atHome = tablesOf(stack);
    const damaged = await atHome.get("records", "record-5", "head");
    await atHome.put("records", { ...damaged, envelope: flipped(damaged.envelope?.B) });
    await tablesOf(stack, related).delete("records", "record-7", "head");
    await atHome.delete("records", "record-8", "head");

    const { exitCode, stdout, stderr } = await stack.dekhand("replicas", "reconcile", "--probe", "all");
    expect(exitCode).toBe(0);
    expect(stderr).toContain(`${apart} back-records: 40, finished`);
    expect(stdout.match(/wrap-damaged +ap-southeast-2 +repaired from us-east-1/g)).toHaveLength(2);
    expect(stdout.match(/^ .*$/gm)?.filter((line) => line.includes("record-5"))).toEqual([
      expect.stringContaining(`record-damaged  ${home}`),
    ]);
    expect(stdout).toMatch(/record-missing .*owed.*record-7/);
    expect(stdout).toMatch(/record-missing .*repaired from eu-west-1.*record-8/);

    await untilPaid(stack);
    const again = await stack.dekhand("replicas", "reconcile", "--probe", "all", "--json");
    expect(again.exitCode).toBe(0);
    for (const { summary, findings } of JSON.parse(again.stdout)) {
      expect(findings).toEqual([]);
      const { documents, "customer-pii": pii } = summary.coverage;
      expect([documents.recordsArrived, pii.recordsArrived]).toEqual([20, 20]);
    }
    for (const region of [home, ...replicas]) await requireOpens(replicated, region);

    const status = await stack.dekhand("replicas", "status", "--once");
    expect(status.exitCode).toBe(0);
    expect(status.stdout.match(/100 % of 20/g)).toHaveLength(4);
    const wrong = await stack.dekhand("replicas", "reconcile", "--region", "eu-central-1");
    expect(wrong).toMatchObject({ exitCode: 2 });
  }, 120_000);

  it("is done by the control service without being asked, and shown", async () => {
    replicated = await startReplicatedStack(10);
    const { stack } = replicated;
    await tablesOf(stack, apart).delete("records", "record-1", "head");
    const metrics = createMetrics({ service: "control" });
    await stack.startControl({
      metrics,
      config: { ...stack.config, reconcile: { everyMs: 60_000, probe: 1, pagesPerSecond: 1_000 } },
      recovery: { statusEveryMs: 100, lookEveryMs: 100 },
    });
    const open = { timeoutMs: 40_000, intervalMs: 200 };
    await eventually(async () => {
      const shown = await metrics.render();
      expect(shown).toContain(`dekhand_replica_coverage{profile="documents",region="${apart}",service="control"} 1`);
      expect(shown).toContain(
        `dekhand_replica_coverage{profile="customer-pii",region="${apart}",service="control"} 0.8`,
      );
      expect(shown).toContain(`dekhand_replica_lag_alarm{profile="documents",region="${apart}",service="control"} 0`);
      expect(shown).toMatch(
        /reconcile_findings_total\{region="ap-southeast-2",class="record-missing",outcome="owed".* 1/,
      );
    }, open);
    await eventually(async () => (await stack.storesOf(apart).records.getHead("record-1")) !== undefined, open);
  }, 120_000);
});
