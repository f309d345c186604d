/** What goes wrong, and how: decided by a seed alone. */

import type { CutMode } from "@dekhand/local-aws";

export interface Plan {
  /** How nothing gets through to the replica Region: in the first half of its outage, and in the second one. */
  readonly replicaCut: readonly [CutMode, CutMode];
  /** When an encryptor is killed during that outage, in milliseconds from its beginning. */
  readonly killMs: number;
  /** Why the home owes the second Region something when it goes. */
  readonly stall: "replicator frozen" | "Region cut off" | "Region slow";
  readonly homeCut: CutMode;
  /** Between the kill of an encryptor and that of the replicator, with which the home goes, in milliseconds. */
  readonly lastMs: number;
  readonly replicatorDies: "before" | "after";
  /** Of the seed, for whatever is drawn later. */
  readonly random: () => number;
}

export function drawPlan(random: () => number): Plan {
  const oneOf = <T>(first: T, ...others: readonly T[]): T =>
    [first, ...others][Math.floor(random() * (others.length + 1))] ?? first;
  return {
    replicaCut: oneOf<Plan["replicaCut"]>(["hang", "reset"], ["reset", "hang"]),
    killMs: 2_000 + random() * 14_000,
    stall: oneOf<Plan["stall"]>("replicator frozen", "Region cut off", "Region slow"),
    homeCut: oneOf<CutMode>("reset", "hang"),
    lastMs: random() * 400,
    replicatorDies: oneOf<Plan["replicatorDies"]>("before", "after"),
    random,
  };
}
