/**
 * What is left once the home has moved back: the Region that was the home in
 * between may have been written to until its services followed, and nobody pays
 * the debt of a Region that is not the home.
 */

import type { TableMode } from "@dekhand/runtime";
import { nowOf } from "./compare-all.ts";
import type { FailbackDeps, FailbackGroup, FailbackOptions, FailbackPlan } from "./failback-types.ts";
import type { HomeSpread } from "./move-home.ts";
import { handOverDebt, payDirectly } from "./pay-directly.ts";
import { regionsOfAll } from "./plan-failback.ts";
import { add, nothingSettled, scopeOf, settleDepsOf, settleOne } from "./settle-all.ts";
import { createSettleRun } from "./settle-run.ts";
import type { Sum } from "./settle-types.ts";
import { noteFinished } from "./unfinished.ts";

export interface FinishOrder {
  /** Its profiles' home is `to` by now; `others`: their other Regions that answer. */
  readonly group: FailbackGroup;
  readonly to: string;
  readonly mode: TableMode;
  readonly silent: FailbackPlan["silent"];
  /** Regions that do not know the home yet. */
  readonly untold: HomeSpread["untold"];
}

export interface Finished extends Sum {
  readonly missing: readonly string[];
}

/** Throws StoreError, KmsError, RECOVERY_FAILBACK_ELSEWHERE, and the signal's reason. */
export async function finishGroup(
  { group, to, mode, silent, untold }: FinishOrder,
  deps: FailbackDeps,
  options: FailbackOptions,
): Promise<Finished> {
  const { signal } = options;
  const settleDeps = settleDepsOf(deps);
  const missing: string[] = [];
  let sum = nothingSettled;
  // Global tables carry everything, debt included.
  for (const other of mode === "regional" ? group.others : []) {
    options.onStep?.({ step: "finish", from: other, to });
    const scope = scopeOf(to, other, group.profiles);
    const run = createSettleRun(scope, settleDeps);
    const paid = await payDirectly(run, { from: other, to }, { signal });
    sum = add(sum, paid);
    if (paid.left > 0) missing.push(`${paid.left} items of debt of ${other} to ${to} cannot be paid`);
    for (const owedTo of regionsOfAll(group.profiles, deps)) {
      if (owedTo !== to && owedTo !== other) await handOverDebt(run, { owedTo }, { signal });
    }
    sum = add(sum, await settleOne(scope, settleDeps, options));
  }
  if (sum.counts.failed > 0) missing.push(`${sum.counts.failed} records could not be settled`);
  for (const { region, code } of untold) {
    missing.push(`${region} could not be told that ${to} is the home (${code}): run this again once it answers`);
  }
  for (const { region } of silent) {
    if (untold.some((one) => one.region === region)) continue;
    missing.push(`${region} did not answer at first, and is left out: run this again`);
  }
  // Otherwise the next failback goes on with it.
  if (missing.length === 0) {
    const { state } = deps.regionOf(to).stores;
    for (const { profile } of group.profiles) await noteFinished(state, profile, { at: nowOf(deps), signal });
  }
  return { ...sum, missing };
}
