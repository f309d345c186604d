import type { TableMode } from "@dekhand/runtime";
import type { DrillResult, ProfileHome } from "@dekhand/store";
import type { ReconcileDeps } from "../reconcile/reconcile-types.ts";
import type { Told } from "../status/status-types.ts";
import type { TargetFinding } from "./check-target.ts";
import type { NotedDebt } from "./known-debt-note.ts";
import type { HomeSpread } from "./move-home.ts";
import type { HomeReadings } from "./read-homes.ts";

export interface FailoverDeps extends Pick<ReconcileDeps, "profiles" | "regionOf" | "mode" | "logger" | "clock"> {
  /** All of the deployment: each is told of a profile's home. */
  readonly regions: readonly string[];
}

export interface MoveRequest {
  /** The Region that is to be the home. */
  readonly to: string;
  /**
   * Default of a failover: those that have that Region and whose home does not answer; of a failback: those whose home it is
   * by the configuration.
   */
  readonly profiles?: readonly string[] | undefined;
}

/** What is found out before anything is done. */
export interface FailoverPlan {
  readonly to: string;
  readonly mode: TableMode;
  /** The request names the profiles. */
  readonly isNamed: boolean;
  readonly moves: readonly PlannedMove[];
  /** They have the Region, and were not named: their home answers. */
  readonly leftOut: readonly LeftOut[];
  /** The Region is the home of these already; whoever does not know it is told. */
  readonly there: readonly ProfileHome[];
  readonly findings: readonly TargetFinding[];
  /** What each home that is left owes the Region, as far as anybody who answers knows. */
  readonly debts: readonly DebtBefore[];
  /** The newest of the Region, as its own table tells. */
  readonly lastDrill: Told<DrillResult | undefined>;
  readonly readings: HomeReadings;
}

export interface PlannedMove {
  readonly profile: string;
  readonly from: string;
  /** The one after the highest that any Region which answers knows. */
  readonly epoch: number;
  /** The old home's state table answers. */
  readonly fromAnswers: boolean;
}

/** A profile that stays as it is. */
export interface LeftOut {
  readonly profile: string;
  /** Of a failover: where it is; of a failback: as the configuration says. */
  readonly home: string;
}

export interface DebtBefore {
  readonly home: string;
  /** From the home itself, or from what the Region was last told; absent: nobody who answers knows. */
  readonly debt?: NotedDebt & { readonly source: "home" | "note" };
}

/** What an operator answers for. Recorded. */
export interface MoveWords {
  readonly actor: string;
  readonly reason?: string | undefined;
  /** Move although the old home answers. */
  readonly force?: boolean | undefined;
  /** Of global tables: who has stopped the old home's services, and when. */
  readonly oldHomeStopped?: string | undefined;
}

export interface MovedHome extends HomeSpread {
  readonly profile: string;
  readonly from: string;
  readonly to: string;
  readonly epoch: number;
}

export interface FailoverResult {
  readonly moved: readonly MovedHome[];
  /** Of profiles whose home it was before: who knows it now. */
  readonly there: readonly MovedHome[];
  readonly failed: readonly { readonly profile: string; readonly code: string }[];
}
