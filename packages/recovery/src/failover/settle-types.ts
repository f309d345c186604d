import type { CallOptions, HomeEpoch, ProfileHome } from "@dekhand/store";
import type { CarryDeps } from "./carry.ts";

/** A home and another Region of the same profiles, to be brought to the same records. */
export interface SettleScope {
  /** By now. */
  readonly home: string;
  readonly region: string;
  readonly profiles: ReadonlySet<string>;
  /** The highest epoch of these profiles' homes: each settling of it has its own checkpoints. */
  readonly epoch: ProfileHome["epoch"];
  /** By profile, when its homes began: by which is told who may have written without knowing of whom. */
  readonly epochs: ReadonlyMap<string, readonly HomeEpoch[]>;
}

export interface SettleDeps extends CarryDeps {
  /** The wall clock, in milliseconds. */
  readonly now: () => number;
}

export interface SettleOptions extends CallOptions {
  /** Pages of at most 500 records' heads. Default 50. */
  readonly pagesPerSecond?: number;
  readonly onProgress?: (progress: SettleProgress) => void;
}

/** `theirs`: what the other Region has. `ours`: what the home has. */
export type SettleSweep = "theirs" | "ours";

export interface SettleProgress {
  readonly region: string;
  readonly sweep: SettleSweep;
  /** Records looked at in this sweep, by whoever was at it. */
  readonly looked: number;
}

/** Records, from the beginning of the pass, whoever was at it. */
export interface SettleCounts {
  readonly looked: number;
  /** Debt that was paid here: of a Region that is not the home, and what the home's replicators have not paid. */
  readonly paid: number;
  /** Home did not have them: copied there. */
  readonly copied: number;
  /** Home had older ones: replaced. */
  readonly replaced: number;
  /** Written in both Regions: the winner is in both now, the loser kept and listed. */
  readonly contested: number;
  /** The other Region lacks them, or has older ones: debt of the home's now. */
  readonly owed: number;
  /** The same, and debt before. */
  readonly known: number;
  readonly failed: number;
}

export const SETTLE_COUNTS = [
  "looked",
  "paid",
  "copied",
  "replaced",
  "contested",
  "owed",
  "known",
  "failed",
] as const satisfies readonly (keyof SettleCounts)[];

export function toSettleCounts(counts: Readonly<Record<string, number>>): SettleCounts {
  const { looked = 0, paid = 0, copied = 0, replaced = 0, contested = 0, owed = 0, known = 0, failed = 0 } = counts;
  return { looked, paid, copied, replaced, contested, owed, known, failed };
}

/** What came of some work: counted, and what failed in it. */
export interface Sum {
  readonly counts: SettleCounts;
  /** The first 100. */
  readonly failures: readonly SettleFailure[];
}
export interface SettleFailure {
  readonly recordId: string;
  readonly code: string;
}

export type SettleOutcome =
  | {
      readonly kind: "finished";
      readonly counts: SettleCounts;
      /** Of this run: the first 100. */
      readonly failures: readonly SettleFailure[];
    }
  /** Somebody else is at it. */
  | { readonly kind: "elsewhere" };
