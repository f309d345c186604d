import type { ProfileHomes } from "@dekhand/deks";
import type { BreakerState } from "@dekhand/kms";
import type { Profile, ReplicaStrategy } from "@dekhand/runtime";
import type { CallOptions, DebtStatus, DrillResult, StateStore } from "@dekhand/store";
import type { Coverage, ReconcileSummary } from "../reconcile/reconcile-types.ts";

export interface ReplicaStatusDeps {
  readonly profiles: Readonly<Record<string, Profile>>;
  readonly homes: Pick<ProfileHomes, "of">;
  readonly stateOf: (region: string) => Pick<StateStore, "debtStatus" | "getScan" | "lastDrill">;
  /** The Region that holds a copy of every drill's result. */
  readonly control: string;
  /** Of this process's own calls to the Region's KMS. */
  readonly breakerOf: (region: string) => BreakerState;
}

export interface ReplicaStatusOptions extends CallOptions {
  /** Looks at debt twice, so far apart, in milliseconds, to tell how fast it falls. Default: once. */
  readonly rateOverMs?: number;
  /** How long each Region has to answer, in milliseconds. Default 5,000. */
  readonly deadlineMs?: number;
}

/** What a Region said, or the code of the error for which it said nothing. */
export type Told<T> = { readonly told: true; readonly value: T } | { readonly told: false; readonly code: string };

/** What a home Region owes one of its replica Regions, for all profiles that have these two. */
export interface ReplicaDebt extends Omit<DebtStatus, "region"> {
  /** Age of the oldest debt when it was counted, in milliseconds; 0 without debt. */
  readonly lagMs: number;
  /** Records a second by which it fell between two looks; below 0: it grew. Absent with one look, or too much to count. */
  readonly fallsBy?: number;
}

/** One profile in one of its replica Regions. */
export interface ReplicaStatus {
  readonly profile: string;
  /** Where its home is by now, and under which epoch. */
  readonly home: string;
  readonly epoch: number;
  readonly region: string;
  readonly strategy: ReplicaStrategy;
  readonly recoveryPointMs: number;
  readonly debt: Told<ReplicaDebt>;
  /** By the last pass of the reconciler that was finished; absent before the first. `asOf`: when it began, ISO 8601. */
  readonly coverage: Told<(Coverage & { readonly asOf: string }) | undefined>;
  /** The same pass, over all profiles of home and Region. */
  readonly reconciled: Told<ReconcileSummary | undefined>;
  readonly breaker: BreakerState;
  /** The newest that the Region's own table, or the control Region's, tells of. */
  readonly lastDrill: Told<DrillResult | undefined>;
  /** The Region lags behind by more than the profile's recovery point; `unknown`: nobody can say. */
  readonly alarm: boolean | "unknown";
}
