import type { TableMode } from "@dekhand/runtime";
import type { DebtStatus, HomeEpoch } from "@dekhand/store";
import type { ReconcileDeps, ReconcileProgress, ReconcileSummary } from "../reconcile/reconcile-types.ts";
import type { TargetFinding } from "./check-target.ts";
import type { FailoverDeps, LeftOut, MovedHome, MoveWords } from "./failover-types.ts";
import type { HomeReadings } from "./read-homes.ts";
import type { SettleCounts, SettleFailure, SettleProgress } from "./settle-types.ts";

export interface FailbackDeps extends FailoverDeps, ReconcileDeps {}

export interface FailbackPlan {
  readonly to: string;
  readonly mode: TableMode;
  readonly groups: readonly FailbackGroup[];
  /** They have the Region, and were not named: by the configuration their home is another one. */
  readonly leftOut: readonly LeftOut[];
  /** Regions of these profiles that do not answer: what is there is left for later. */
  readonly silent: readonly { readonly region: string; readonly code: string }[];
  readonly findings: readonly TargetFinding[];
  readonly readings: HomeReadings;
}

/** Profiles that have the same home by now. */
export interface FailbackGroup {
  /** Where their home is. The Region itself: it was moved there by a failback that did not come to its end. */
  readonly from: string;
  readonly profiles: readonly GroupProfile[];
  /** Their Regions but for `from` that answer, `to` first. */
  readonly others: readonly string[];
}

export interface GroupProfile {
  readonly profile: string;
  readonly epoch: number;
  /** ISO 8601; absent where nothing was ever moved. */
  readonly since?: string;
  /** The homes before: see `ProfileHome`. */
  readonly earlier?: readonly HomeEpoch[];
}

export interface FailbackWords extends MoveWords {
  /** Go on although not everything is in both Regions. Recorded. */
  readonly acceptIncomplete?: string | undefined;
}

export interface FailbackOptions {
  readonly signal?: AbortSignal | undefined;
  /** Settle, and leave the home where it is. Default false. */
  readonly keepHome?: boolean;
  /** Pay debt here at once. Default false: replicators do, and what they leave is paid here. */
  readonly pay?: boolean;
  /** How long services may take to follow a home that was moved, in milliseconds. Default 20,000. */
  readonly followMs?: number;
  /** Of settling and of comparing: pages of at most 500 items. Default 50. */
  readonly pagesPerSecond?: number;
  /** How long debt may stay as it is before it is paid here, in milliseconds. Default 60,000. */
  readonly patienceMs?: number;
  readonly onStep?: (step: FailbackStep) => void;
  readonly onSettled?: (progress: SettleProgress) => void;
  readonly onCompared?: (progress: ReconcileProgress) => void;
  readonly onDebt?: (debt: DebtStatus) => void;
}

/**
 * - `tell`: who does not know where the home is by now is told.
 * - `pay`: debt is paid here: of a Region that is not the home, or what replicators have left.
 * - `settle`: the two Regions are brought to the same records.
 * - `await`: until `from` owes `to` nothing that is older than this step.
 * - `compare`: everything in both Regions is compared.
 * - `move`: the home moves.
 * - `follow`: services follow the home.
 * - `finish`: what was written in between is brought over.
 */
export interface FailbackStep {
  readonly step: "tell" | "pay" | "settle" | "await" | "compare" | "move" | "follow" | "finish";
  readonly from: string;
  readonly to: string;
}

export interface FailbackResult {
  readonly to: string;
  readonly groups: readonly GroupResult[];
}

/**
 * - `returned`: the home is the Region again, and everything is in both.
 * - `settled`: everything is in both; the home was to stay.
 * - `incomplete`: it is not all in both, or a Region does not know of the home: see `missing`, and `moved` for whether the
 *   home was moved. Running it again goes on with it.
 */
export interface GroupResult {
  readonly kind: "returned" | "settled" | "incomplete";
  readonly from: string;
  readonly profiles: readonly string[];
  readonly moved: readonly MovedHome[];
  /** All settlings of this run together. */
  readonly settled: SettleCounts;
  /** The first 100. */
  readonly failures: readonly SettleFailure[];
  /** The last comparison; absent where there was none. */
  readonly compared?: ReconcileSummary;
  /** What is not as it should be, in sentences. */
  readonly missing: readonly string[];
}
