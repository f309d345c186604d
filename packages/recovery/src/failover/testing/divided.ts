/** A deployment that is written to in several Regions, each as if it were the home. */

import { randomUUID } from "node:crypto";
import { createEncryptDeks } from "@dekhand/deks";
import { readHeader, seal } from "@dekhand/envelope";
import { createLogger, createMetrics, profileAt } from "@dekhand/runtime";
import type { RecordHead, RecordWrite } from "@dekhand/store";
import { type Reconciled, reconciled } from "../../reconcile/testing/reconciled.ts";
import { regions as all, type RecoveryDeployment, type RecoveryRegions } from "../../testing/recovery-regions.ts";
import { failback } from "../failback.ts";
import type { FailbackDeps, FailbackOptions, FailbackWords } from "../failback-types.ts";
import { failover } from "../failover.ts";
import type { MoveRequest, MoveWords } from "../failover-types.ts";
import { planFailback } from "../plan-failback.ts";
import { planFailover } from "../plan-failover.ts";

export interface Divided extends Disposable {
  readonly deployment: RecoveryDeployment;
  readonly deps: FailbackDeps;
  /** An operator's hand. */
  readonly change: Reconciled["change"];
  /** Seals under a DEK of that Region's and stores there. */
  write(region: string, changes?: Partial<RecordWrite>): Promise<RecordWrite>;
  failover(to: string, words?: Partial<MoveWords>, profiles?: readonly string[]): ReturnType<typeof failover>;
  /** At no bounded pace, and with services that follow at once. */
  failback(
    to: string,
    words?: Partial<FailbackWords>,
    options?: FailbackOptions & Pick<MoveRequest, "profiles">,
  ): ReturnType<typeof failback>;
  /** What every Region says of the record: equal where it is the same everywhere. */
  heads(recordId: string, regions: readonly string[]): Promise<readonly (RecordHead | undefined)[]>;
}

const ann = { actor: "ann" };

export async function divide(regions: RecoveryRegions, changes: Partial<FailbackDeps> = {}): Promise<Divided> {
  const deployment = await regions.deployment();
  const { profile, keys, stores } = deployment;
  const parts = reconciled(regions, deployment);
  const deps: FailbackDeps = { ...parts.deps, regions: all, ...changes };
  const deks = createEncryptDeks({
    keys,
    kms: regions.kms,
    state: (region) => stores(region).state,
    store: (region) => stores(region).deks,
    logger: createLogger({ service: "test", level: "silent" }),
    metrics: createMetrics({ service: "test" }),
  });
  return {
    deployment,
    deps,
    change: parts.change,
    async write(region, given = {}) {
      const there = profileAt(profile, region);
      if (!there) throw new RangeError("a Region of the profile");
      const context = { tenant: "acme" };
      using lease = await deks.acquire({ profile: there, context, bytes: 10 });
      const { revision } = given;
      const binding = {
        recordId: given.recordId ?? `record-${randomUUID()}`,
        ...{ context, contentType: "text/plain", epoch: given.epoch ?? 1 },
        ...(revision === undefined ? {} : { revision }),
      };
      const text = `written in ${region}`;
      const envelope = seal(lease.dek, Buffer.from(text), binding);
      const { sealId } = readHeader(envelope);
      const record = {
        ...binding,
        ...{ jobId: given.jobId ?? randomUUID(), dekId: lease.dek.id, sealId, envelope, size: text.length },
      };
      const [outcome] = await stores(region).records.put([record]);
      if (outcome?.kind !== "stored" && outcome?.kind !== "replaced") throw new Error(`not stored: ${outcome?.kind}`);
      return record;
    },
    async failover(to, words = {}, profiles) {
      const plan = await planFailover({ to, profiles }, deps, { deadlineMs: 2_000 });
      return failover(plan, { ...ann, ...words }, deps, { deadlineMs: 2_000 });
    },
    async failback(to, words = {}, { profiles, ...options } = {}) {
      const plan = await planFailback({ to, profiles }, deps, { deadlineMs: 2_000 });
      const quick = { followMs: 0, pagesPerSecond: 10_000, patienceMs: 0, pay: true };
      return failback(plan, { ...ann, ...words }, deps, { ...quick, ...options });
    },
    heads: (recordId, where) => Promise.all(where.map((region) => stores(region).records.getHead(recordId))),
    [Symbol.dispose]() {
      deks.close();
      parts[Symbol.dispose]();
    },
  };
}
