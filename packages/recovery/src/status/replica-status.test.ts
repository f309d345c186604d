import { createMetrics, type Profile } from "@dekhand/runtime";
import { newEntryId } from "@dekhand/store";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { reconciled } from "../reconcile/testing/reconciled.ts";
import {
  apart,
  bridged,
  home,
  type RecoveryDeployment,
  type RecoveryRegions,
  related,
  startRecoveryRegions,
} from "../testing/recovery-regions.ts";
import { readReplicaStatus } from "./replica-status.ts";
import { createStatusMetrics } from "./status-metrics.ts";
import type { ReplicaStatusDeps } from "./status-types.ts";

describe("the status of replica Regions", () => {
  let regions: RecoveryRegions;

  beforeAll(async () => {
    regions = await startRecoveryRegions();
  });
  afterAll(() => regions[Symbol.asyncDispose]());

  const depsOf = ({ profile, stores }: RecoveryDeployment, changes: Partial<Profile> = {}): ReplicaStatusDeps => {
    const changed = { ...profile, ...changes };
    return {
      profiles: { [profile.name]: changed },
      homes: { of: async () => ({ profile: changed, epoch: 1 }) },
      stateOf: (region) => stores(region).state,
      control: home,
      breakerOf: () => "closed",
    };
  };

  const owe = ({ stores }: RecoveryDeployment, region: string, ageMs: number) =>
    stores(home).state.putDebt([
      { id: newEntryId(), region, dekIds: [], recordIds: ["a", "b"], at: new Date(Date.now() - ageMs).toISOString() },
    ]);

  it("tells debt, its age, and where that is beyond the recovery point", async () => {
    const deployment = await regions.deployment();
    await owe(deployment, related, 1_000);
    await owe(deployment, apart, 120_000);
    const all = await readReplicaStatus(depsOf(deployment));
    expect(all.map(({ region, strategy, alarm }) => [region, strategy, alarm])).toEqual([
      [related, "multi-region", false],
      [apart, "encrypt", true],
      [bridged, "bridge", false],
    ]);
    const [near, far, none] = all.map(({ debt }) => (debt.told ? debt.value : undefined));
    expect(near).toMatchObject({ items: 1, records: 2, atLeast: false });
    expect(far?.lagMs).toBeGreaterThanOrEqual(120_000);
    expect(none).toMatchObject({ items: 0, lagMs: 0 });
  });

  it("tells by how much debt falls between two looks", async () => {
    const deployment = await regions.deployment();
    await owe(deployment, apart, 1_000);
    const { state } = deployment.stores(home);
    const deps = depsOf(deployment);
    let looks = 0;
    const stateOf: ReplicaStatusDeps["stateOf"] = (region) => ({
      ...deployment.stores(region).state,
      async debtStatus(of, options) {
        const status = await state.debtStatus(of, options);
        looks += 1;
        // All of it is paid after the first look.
        const { entries } = await state.listDebt(of);
        await state.settleDebt(
          of,
          entries.map(({ id }) => id),
        );
        return status;
      },
    });
    const all = await readReplicaStatus({ ...deps, stateOf }, { rateOverMs: 50 });
    expect(looks).toBe(6);
    const debt = all.find(({ region }) => region === apart)?.debt;
    expect(debt).toMatchObject({ told: true, value: { items: 0 } });
    expect(debt?.told && debt.value.fallsBy).toBeGreaterThan(0);
  });

  it("tells the coverage of the last pass that was finished, and the last drill wherever it was written", async () => {
    const deployment = await regions.deployment();
    const { recordId } = await deployment.write();
    await deployment.replicate({ region: apart, recordIds: [recordId] });
    await deployment.write({ tenant: "late" });
    using pass = reconciled(regions, deployment);
    const { summary } = await pass.reconcile(apart);
    const times = { startedAt: "2026-11-25T10:00:00.000Z", endedAt: "2026-11-25T10:00:01.000Z" };
    const drill = { region: apart, ...times, asked: 5, opened: 5, failed: 0, failures: [], sample: 5, actor: "ada" };
    const older = { ...drill, id: newEntryId() };
    await deployment.stores(apart).state.putDrill(older);
    const newer = { ...drill, id: newEntryId(), opened: 4, failed: 1 };
    await deployment.stores(home).state.putDrill(newer);
    const status = (await readReplicaStatus(depsOf(deployment))).find(({ region }) => region === apart);
    expect(status?.coverage).toEqual({
      told: true,
      value: { deks: 2, deksArrived: 1, records: 2, recordsArrived: 1, asOf: summary.startedAt },
    });
    expect(status?.lastDrill).toEqual({ told: true, value: newer });

    const metrics = createMetrics({ service: "test" });
    if (status) createStatusMetrics(metrics).show([status], Date.parse(times.endedAt) + 60_000);
    const shown = await metrics.render();
    expect(shown).toContain(`dekhand_replica_coverage{profile="people",region="${apart}",service="test"} 0.5`);
    expect(shown).toContain(`dekhand_drill_last_failed{region="${apart}",service="test"} 1`);
    expect(shown).toContain(`dekhand_drill_age_seconds{region="${apart}",service="test"} 60`);
    expect(shown).toContain(`dekhand_replica_lag_alarm{profile="people",region="${apart}",service="test"} 0`);
    const replica = `profile="people",home="${home}",region="${apart}",strategy="encrypt"`;
    expect(shown).toContain(`dekhand_replica_info{${replica},service="test"} 1`);
    const seconds = (status?.recoveryPointMs ?? 0) / 1_000;
    const point = `dekhand_replica_recovery_point_seconds{profile="people",region="${apart}",service="test"} ${seconds}`;
    expect(shown).toContain(point);
  });

  it("shows what was told last while a Region cannot be asked, and nothing of a Region that has become the home", async () => {
    const deployment = await regions.deployment();
    await owe(deployment, apart, 0);
    const all = await readReplicaStatus(depsOf(deployment));
    const metrics = createMetrics({ service: "test" });
    const shown = createStatusMetrics(metrics);
    shown.show(all, Date.now());
    const silent = { told: false, code: "STORE_UNAVAILABLE" } as const;
    shown.show(
      all.map((one) => ({ ...one, debt: silent, coverage: silent, lastDrill: silent, alarm: "unknown" as const })),
      Date.now(),
    );
    const owed = `dekhand_replica_debt_records{home="${home}",region="${apart}",service="test"} 2`;
    expect(await metrics.render()).toContain(owed);
    expect(await metrics.render()).toContain(
      `dekhand_replica_lag_alarm{profile="people",region="${apart}",service="test"} 1`,
    );
    shown.show(
      all.filter(({ region }) => region !== apart),
      Date.now(),
    );
    expect(await metrics.render()).not.toContain(`region="${apart}"`);
  });

  it("of a Region that cannot be asked is told as that, and hides no other", async () => {
    const deployment = await regions.deployment();
    await owe(deployment, apart, 0);
    const deps = depsOf(deployment);
    regions.aws.control.cutOff(apart, true);
    try {
      const all = await readReplicaStatus({ ...deps, control: related });
      const status = all.find(({ region }) => region === apart);
      expect(status).toMatchObject({ debt: { told: true }, lastDrill: { told: false, code: "STORE_UNAVAILABLE" } });
      expect(all.find(({ region }) => region === related)?.lastDrill).toEqual({ told: true, value: undefined });
    } finally {
      regions.aws.control.clearFaults();
    }
    regions.aws.control.cutOff(home, true);
    try {
      const [status] = await readReplicaStatus({ ...deps, control: related });
      expect(status).toMatchObject({ debt: { told: false, code: "STORE_UNAVAILABLE" }, alarm: "unknown" });
    } finally {
      regions.aws.control.clearFaults();
    }
  });
});
