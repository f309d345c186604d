import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { reconciled } from "../reconcile/testing/reconciled.ts";
import { home, type RecoveryRegions, related, startRecoveryRegions } from "../testing/recovery-regions.ts";
import { lackingBy } from "./compare-all.ts";

let regions: RecoveryRegions;
beforeAll(async () => {
  regions = await startRecoveryRegions();
});
afterAll(() => regions?.[Symbol.asyncDispose]());

describe("a comparison", () => {
  it("hides no record that both Regions have written behind a DEK that is owed", async () => {
    const deployment = await regions.deployment();
    using pass = reconciled(regions, deployment);
    const contested = await deployment.write();
    await deployment.write({ recordId: contested.recordId, region: related, epoch: 2 });
    const waiting = await deployment.write({ tenant: "other" });
    const recordIds = [contested.recordId, waiting.recordId];
    expect((await deployment.replicate({ region: related, recordIds: [waiting.recordId] })).failed).toEqual([]);
    await deployment.replicate({ region: related, dekIds: [contested.dekId] });
    for (const name of ["dek", `wrap#${related}`]) {
      await pass.change("deks", { region: related, id: waiting.dekId, name }, undefined);
    }
    const { summary } = await pass.reconcile(related);
    expect(summary).toMatchObject({ home, coverage: { people: { records: recordIds.length, recordsArrived: 0 } } });
    expect(lackingBy(summary, ["people"])).toEqual([
      expect.stringMatching(`${related} lacks 1 records and 0 DEKs of people`),
      expect.stringMatching("1 faults"),
    ]);
    // Other profiles have nothing to do with it.
    expect(lackingBy(summary, ["guests"])).toEqual([]);
  });

  it("takes what is owed for nothing that is lacking, records under a DEK that is owed among it", async () => {
    const deployment = await regions.deployment();
    using pass = reconciled(regions, deployment);
    await deployment.write();
    await deployment.write({ tenant: "other" });
    const { summary } = await pass.reconcile(related);
    expect(summary.coverage).toMatchObject({ people: { records: 2, recordsArrived: 0 } });
    expect(lackingBy(summary, ["people"])).toEqual([]);
    expect(lackingBy((await pass.reconcile(related)).summary, ["people"])).toEqual([]);
  });
});
