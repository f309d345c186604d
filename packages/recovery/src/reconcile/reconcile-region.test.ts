import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  apart,
  bridged,
  home,
  type RecoveryDeployment,
  type RecoveryRegions,
  related,
  startRecoveryRegions,
} from "../testing/recovery-regions.ts";
import { reconcileRegion } from "./reconcile-region.ts";
import type { ReconcileOptions, ReconcileOutcome, ReconcileProgress } from "./reconcile-types.ts";
import { flipped, reconciled, unpaced } from "./testing/reconciled.ts";

describe("a reconciled replica Region", () => {
  let regions: RecoveryRegions;

  beforeAll(async () => {
    regions = await startRecoveryRegions();
  });
  afterAll(() => regions[Symbol.asyncDispose]());

  /** Records of as many tenants, hence DEKs, in all Regions. */
  const arrived = async (count = 3) => {
    const deployment = await regions.deployment();
    const records = [];
    for (let index = 0; index < count; index += 1) {
      records.push(await deployment.write({ tenant: `tenant-${index}`, text: `secret ${index}` }));
    }
    const recordIds = records.map(({ recordId }) => recordId);
    for (const region of [related, apart, bridged]) {
      const { failed } = await deployment.replicate({ region, recordIds });
      expect(failed).toEqual([]);
    }
    return { deployment, records, recordIds };
  };

  const opensEverywhere = async (deployment: RecoveryDeployment, recordIds: readonly string[]) => {
    for (const region of [home, related, apart, bridged]) {
      for (const [index, recordId] of recordIds.entries()) {
        expect(await deployment.open(region, recordId)).toBe(`secret ${index}`);
      }
    }
  };

  const debtOf = async ({ stores }: RecoveryDeployment, region: string) =>
    (await stores(home).state.listDebt(region)).entries;

  it("that lacks nothing has a coverage of all, and no debt comes of it", async () => {
    const { deployment } = await arrived();
    using pass = reconciled(regions, deployment);
    for (const region of [related, apart, bridged]) {
      const { summary, findings } = await pass.reconcile(region, { probe: 1 });
      expect(findings).toEqual([]);
      expect(summary.coverage).toEqual({ people: { deks: 3, deksArrived: 3, records: 3, recordsArrived: 3 } });
      expect(summary.probed).toBe(6);
      expect(await debtOf(deployment, region)).toEqual([]);
    }
  });

  it("is owed what it lacks and no debt item tells: once, however often it is looked at", async () => {
    const { deployment, records } = await arrived(2);
    const [older] = records;
    const missing = await deployment.write({ tenant: "late", text: "late" });
    const newer = await deployment.write({ recordId: older?.recordId ?? "", tenant: "tenant-0", revision: 1 });
    using pass = reconciled(regions, deployment);
    const { summary, findings } = await pass.reconcile(apart);
    expect(summary.coverage.people).toEqual({ deks: 3, deksArrived: 2, records: 3, recordsArrived: 1 });
    expect(
      findings.map((finding) => [finding.class, finding.outcome, finding.dekId ?? finding.recordId]).sort(),
    ).toEqual(
      [
        ["dek-missing", "owed", missing.dekId],
        ["record-missing", "owed", missing.recordId],
        ["record-stale", "owed", newer.recordId],
        ["wrap-missing", "owed", missing.dekId],
      ].sort(),
    );
    const again = await pass.reconcile(apart);
    expect(again.findings).toEqual([]);
    expect(again.summary.known).toBe(3);

    for (const { dekIds, recordIds, id } of await debtOf(deployment, apart)) {
      expect((await deployment.replicate({ region: apart, dekIds, recordIds })).failed).toEqual([]);
      await deployment.stores(home).state.settleDebt(apart, [id]);
    }
    const { summary: paid } = await pass.reconcile(apart);
    expect(paid.coverage.people).toEqual({ deks: 3, deksArrived: 3, records: 3, recordsArrived: 3 });
  });

  it("has the records of a DEK that came while the pass was at it, and waits for debt alone where the DEK is owed", async () => {
    const { deployment } = await arrived(1);
    const late = await deployment.write({ tenant: "late", text: "late" });
    using looking = reconciled(regions, deployment);
    const regionOf: typeof looking.deps.regionOf = (region) => {
      const parts = looking.deps.regionOf(region);
      const { records } = parts.stores;
      const scanHeads: typeof records.scanHeads = async (...scan) => {
        const { failed } = await deployment.replicate({ region: apart, recordIds: [late.recordId] });
        expect(failed).toEqual([]);
        return records.scanHeads(...scan);
      };
      return region === home ? { ...parts, stores: { ...parts.stores, records: { ...records, scanHeads } } } : parts;
    };
    using pass = reconciled(regions, deployment, { regionOf });
    const { summary } = await pass.reconcile(apart);
    expect(summary.coverage.people).toEqual({ deks: 2, deksArrived: 1, records: 2, recordsArrived: 2 });

    await looking.change("deks", { region: apart, id: late.dekId, name: "dek" }, undefined);
    const { summary: without } = await looking.reconcile(apart);
    expect(without.coverage.people).toEqual({ deks: 2, deksArrived: 1, records: 2, recordsArrived: 1 });
    // DEK and record: the debt of before names the DEK.
    expect(without.known).toBe(2);
  });

  it.each([
    ["home", home],
    ["a Region with related keys", related],
    ["a Region with its own key", apart],
    ["a Region behind a bridge", bridged],
  ])("gets back what was deleted or damaged at %s, from a healthy Region", async (_, at) => {
    const { deployment, records, recordIds } = await arrived(8);
    using pass = reconciled(regions, deployment);
    const place = (index: number) => {
      const { recordId = "", dekId = "" } = records[index] ?? {};
      return {
        head: { region: at, id: recordId, name: "head" },
        dek: { region: at, id: dekId, name: "dek" },
        wrap: { region: at, id: dekId, name: `wrap#${at}` },
      };
    };
    const item = (table: "deks" | "records", { id, name }: { id: string; name: string }) =>
      pass.item(table, at, id, name);
    // A wrap swapped between DEKs, labels and all; only its bytes; a bit turned in it.
    const [first, second, third, fourth, fifth, sixth] = [place(0), place(1), place(2), place(3), place(4), place(5)];
    const { blob } = await item("deks", first.wrap);
    await pass.change("deks", second.wrap, { blob: blob ?? { S: "" } });
    const other = await item("deks", first.wrap);
    await pass.change("deks", third.wrap, { blob: other.blob ?? { S: "" }, context: other.context ?? { S: "" } });
    await pass.change("deks", fourth.wrap, { blob: flipped((await item("deks", fourth.wrap)).blob) });
    // Envelopes: a bit turned; a bit turned by somebody who mends the digest, too; a head nobody can read; nothing at all.
    await pass.change("records", first.head, { envelope: flipped((await item("records", first.head)).envelope) });
    await pass.change("records", second.head, { contentType: { S: "text/html" } });
    await pass.change("records", third.head, { digest: { S: "none" } });
    await pass.change("records", fourth.head, undefined);
    // DEKs: gone, unreadable, another commitment.
    await pass.change("deks", fifth.dek, undefined);
    await pass.change("deks", sixth.dek, { commitment: flipped((await item("deks", sixth.dek)).commitment) });
    await pass.change("deks", place(6).dek, { suite: { S: "one" } });
    await pass.change("deks", place(7).wrap, undefined);

    const region = at === home ? related : at;
    const { findings, summary } = await pass.reconcile(region, { probe: 1 });
    expect(findings.filter((finding) => finding.region !== at)).toEqual([]);
    expect(summary.outcomes.unrepaired).toBe(0);
    const found = findings.map((finding) => `${finding.class} ${finding.outcome}`);
    const lost = at === home ? "repaired" : "owed";
    expect(found.toSorted()).toEqual(
      [
        ...["wrap-damaged", "wrap-damaged", "wrap-damaged"].map((kind) => `${kind} repaired`),
        `wrap-missing ${lost}`,
        `dek-missing ${lost}`,
        "dek-differs repaired",
        "dek-damaged repaired",
        "record-damaged repaired",
        "record-damaged repaired",
        "record-differs repaired",
        `record-missing ${lost}`,
      ].toSorted(),
    );
    for (const { dekIds, recordIds: owed } of await debtOf(deployment, region)) {
      await deployment.replicate({ region, dekIds, recordIds: owed });
    }
    await opensEverywhere(deployment, recordIds);
    const { findings: left } = await pass.reconcile(region, { probe: 1 });
    expect(left).toEqual([]);
  });

  it.each([
    ["home", home],
    ["it", apart],
  ])("has labels that somebody has raised put right, at %s", async (_, at) => {
    const { deployment, records, recordIds } = await arrived(2);
    using pass = reconciled(regions, deployment);
    const [first, second] = records.map(({ recordId }) => ({ region: at, id: recordId, name: "head" }));
    if (!first || !second) throw new Error("two records have arrived");
    await pass.change("records", first, { revision: { N: "9" } });
    await pass.change("records", second, { epoch: { N: "9" } });
    const { findings } = await pass.reconcile(apart);
    const mended = { class: "record-differs", outcome: "repaired", region: at };
    expect(findings).toMatchObject([mended, mended]);
    await opensEverywhere(deployment, recordIds);
  });

  it("whose wrap and home's are both damaged gets a new one from a third Region", async () => {
    const { deployment, records, recordIds } = await arrived(1);
    using pass = reconciled(regions, deployment);
    const dekId = records[0]?.dekId ?? "";
    for (const region of [home, related]) {
      const name = `wrap#${region}`;
      const { blob } = await pass.item("deks", region, dekId, name);
      await pass.change("deks", { region, id: dekId, name }, { blob: flipped(blob) });
    }
    const { findings } = await pass.reconcile(related, { probe: 1 });
    expect(findings.map((finding) => [finding.class, finding.region, finding.outcome, finding.from])).toEqual([
      ["wrap-damaged", home, "repaired", apart],
      ["wrap-damaged", related, "repaired", home],
    ]);
    await opensEverywhere(deployment, recordIds);
  });

  it("is told of what nobody can repair, and nothing sound is replaced", async () => {
    const { deployment, records } = await arrived(1);
    using pass = reconciled(regions, deployment);
    const recordId = records[0]?.recordId ?? "";
    for (const region of [home, related, apart, bridged]) {
      const { envelope } = await pass.item("records", region, recordId, "head");
      await pass.change("records", { region, id: recordId, name: "head" }, { envelope: flipped(envelope) });
    }
    const { findings, summary } = await pass.reconcile(apart);
    expect(findings).toMatchObject([{ class: "record-damaged", outcome: "unrepaired", code: "STORE_RECORD_DAMAGED" }]);
    expect(summary.coverage.people?.recordsArrived).toBe(0);
  });

  it("that has a newer record than home keeps it", async () => {
    const { deployment, records } = await arrived(1);
    const { recordId = "" } = records[0] ?? {};
    await deployment.write({ recordId, tenant: "tenant-0", revision: 7, epoch: 2, region: apart, text: "newer" });
    using pass = reconciled(regions, deployment);
    const { findings } = await pass.reconcile(apart);
    expect(findings).toMatchObject([{ class: "record-ahead", outcome: "observed", recordId }]);
    expect(await deployment.open(apart, recordId)).toBe("newer");
    expect(await deployment.open(home, recordId)).toBe("secret 0");
  });

  it("that is cut off ends the pass with what is to be waited for, and the next run goes on where it ended", async () => {
    const { deployment } = await arrived(2);
    using pass = reconciled(regions, deployment);
    const onProgress = ({ sweep }: ReconcileProgress) => regions.aws.control.cutOff(apart, sweep === "records");
    try {
      await expect(pass.reconcile(apart, { probe: 1, onProgress })).rejects.toMatchObject({ retryable: true });
    } finally {
      regions.aws.control.cutOff(apart, false);
    }
    regions.aws.control.resetCounts();
    const { summary } = await pass.reconcile(apart, { everyMs: 3_600_000 });
    expect(summary.coverage.people).toEqual({ deks: 2, deksArrived: 2, records: 2, recordsArrived: 2 });
    expect(summary.probed).toBe(4);
    expect(regions.cryptographicCalls()).toBe(0);
  });

  it("and its home that have both lost a DEK get it from a third Region, or it is told that nobody has it", async () => {
    const { deployment, records, recordIds } = await arrived(2);
    using pass = reconciled(regions, deployment);
    for (const [index, { dekId }] of records.entries()) {
      for (const region of index === 0 ? [home, related] : [home, related, apart, bridged]) {
        for (const name of ["dek", `wrap#${region}`]) await pass.change("deks", { region, id: dekId, name }, undefined);
      }
    }
    const { findings } = await pass.reconcile(related);
    expect(findings).toHaveLength(2);
    const outcomeOf = (index: number) => findings.find(({ dekId }) => dekId === records[index]?.dekId);
    expect(outcomeOf(0)).toMatchObject({ class: "dek-missing", outcome: "repaired", region: home, from: apart });
    expect(outcomeOf(1)).toMatchObject({ class: "dek-missing", outcome: "unrepaired", region: home });
    expect(await deployment.open(home, recordIds[0] ?? "")).toBe("secret 0");
  });

  it("is not looked at by two at once, nor before its time, but by whoever takes over", async () => {
    const { deployment } = await arrived(1);
    using pass = reconciled(regions, deployment);
    const run = (options: ReconcileOptions) =>
      reconcileRegion({ home, region: related }, pass.deps, { ...unpaced, ...options });
    const both = await Promise.all([run({}), run({})]);
    expect(both.map(({ kind }) => kind).sort()).toEqual(["elsewhere", "finished"]);
    expect(await run({ everyMs: 60_000 })).toEqual({ kind: "not-due" });

    let beside: Promise<ReconcileOutcome> | undefined;
    let takenOver: Promise<ReconcileOutcome> | undefined;
    const onProgress = () => {
      beside ??= run({});
      takenOver ??= beside.then(() => run({ takeOver: true }));
    };
    await run({ onProgress });
    expect(await beside).toEqual({ kind: "elsewhere" });
    expect(await takenOver).toMatchObject({ kind: "finished" });
  });

  it("gets over texts in the tables that no DEK and no record can have as an id", async () => {
    const { deployment, records, recordIds } = await arrived(3);
    using pass = reconciled(regions, deployment);
    const [first = "", second = ""] = recordIds;
    const head = (id: string) => ({ region: home, id, name: "head" });
    await pass.change("records", head(first), { dekId: { S: "d".repeat(1_000) } });
    await pass.change("records", head(second), { dekId: { S: records[2]?.dekId ?? "" } });
    await pass.put("records", home, {
      ...(await pass.item("records", home, first, "head")),
      recordId: { S: "r".repeat(2_000) },
    });
    await pass.put("deks", home, {
      ...(await pass.item("deks", home, records[0]?.dekId ?? "", `wrap#${home}`)),
      dekId: { S: "d".repeat(1_000) },
    });
    const { findings, summary } = await pass.reconcile(apart);
    expect(findings.map((finding) => [finding.class, finding.recordId, finding.outcome, finding.from]).sort()).toEqual(
      [first, second].map((id) => ["record-differs", id, "repaired", apart]).sort(),
    );
    expect(summary.coverage.people).toEqual({ deks: 3, deksArrived: 3, records: 3, recordsArrived: 3 });
    await opensEverywhere(deployment, recordIds);
  });

  it("of global tables is only observed, but for wraps that were never made", async () => {
    const { deployment, records } = await arrived(1);
    const late = await deployment.write({ tenant: "late" });
    using pass = reconciled(regions, deployment, { mode: "global" });
    const recordId = records[0]?.recordId ?? "";
    const place = { region: apart, id: recordId, name: "head" };
    await pass.change("records", place, {
      envelope: flipped((await pass.item("records", apart, recordId, "head")).envelope),
    });
    const { findings } = await pass.reconcile(apart);
    expect(findings.map((finding) => `${finding.class} ${finding.outcome}`).sort()).toEqual([
      "dek-missing owed",
      "record-damaged observed",
      "wrap-missing owed",
    ]);
    expect((await debtOf(deployment, apart)).map(({ dekIds, recordIds }) => [dekIds, recordIds])).toEqual([
      [[late.dekId], []],
    ]);
    await expect(deployment.open(apart, recordId)).rejects.toMatchObject({ code: "STORE_RECORD_DAMAGED" });
  });
});
