/** Until everything that was written before is in both Regions, or it is plain that it does not come to that. */

import { systemClock } from "@dekhand/runtime";
import type { ReconcileSummary } from "../reconcile/reconcile-types.ts";
import { awaitPaid } from "./await-paid.ts";
import { compareAll, lackingBy, nowOf } from "./compare-all.ts";
import type {
  FailbackDeps,
  FailbackGroup,
  FailbackOptions,
  FailbackPlan,
  FailbackStep,
  FailbackWords,
} from "./failback-types.ts";
import { payDirectly } from "./pay-directly.ts";
import { add, nothingSettled, scopeOf, settleDepsOf, settleOne } from "./settle-all.ts";
import { createSettleRun } from "./settle-run.ts";
import type { Sum } from "./settle-types.ts";

export interface GroupOrder {
  readonly group: FailbackGroup;
  readonly plan: FailbackPlan;
  readonly words: FailbackWords;
}

export interface Returning extends GroupOrder {
  readonly deps: FailbackDeps;
  readonly options: FailbackOptions & Required<Pick<FailbackOptions, "followMs" | "patienceMs" | "pagesPerSecond">>;
}

/** Settlings and comparisons, one after the other. */
const maxRounds = 3;

export interface Covered {
  readonly sum: Sum;
  readonly compared: ReconcileSummary;
  readonly missing: readonly string[];
}

/** Throws as `settleRegions` and `reconcileRegion`; RECOVERY_FAILBACK_ELSEWHERE. */
export async function cover(work: Returning): Promise<Covered> {
  const { group, plan, deps, options } = work;
  let sum = nothingSettled;
  for (let round = 1; ; round += 1) {
    const settled = plan.mode === "regional" ? await settleRound(work) : nothingSettled;
    sum = add(sum, settled);
    const missing = settled.counts.failed > 0 ? [`${settled.counts.failed} records could not be settled`] : [];
    const isPaid = await paid(work, nowOf(deps));
    begin(work, "compare");
    const compared = await compareAll({ home: group.from, region: plan.to }, deps, {
      ...{ signal: options.signal, readings: plan.readings, pagesPerSecond: options.pagesPerSecond },
      ...(options.onCompared === undefined ? {} : { onProgress: options.onCompared }),
    });
    missing.push(
      ...lackingBy(
        compared,
        group.profiles.map(({ profile }) => profile),
      ),
    );
    const isAllPaid = isPaid && (await paid(work, compared.endedAt));
    if (!isAllPaid) missing.push(unpaid(group.from, plan.to));
    if (missing.length === 0 || !isAllPaid || round === maxRounds) return { sum, compared, missing };
  }
}

async function settleRound({ group, deps, options }: Returning): Promise<Sum> {
  const settleDeps = settleDepsOf(deps);
  let sum = nothingSettled;
  for (const other of group.others) {
    const scope = scopeOf(group.from, other, group.profiles);
    options.onStep?.({ step: "pay", from: other, to: group.from });
    const paying = { from: other, to: group.from };
    sum = add(sum, await payDirectly(createSettleRun(scope, settleDeps), paying, options));
    options.onStep?.({ step: "settle", from: group.from, to: other });
    sum = add(sum, await settleOne(scope, settleDeps, options));
  }
  return sum;
}

/** Whether the Region is owed nothing any more that is older. */
async function paid(work: Returning, olderThan: string): Promise<boolean> {
  const { group, plan, deps, options } = work;
  const { clock = systemClock } = deps;
  const { signal, patienceMs, onDebt } = options;
  begin(work, "await");
  if (options.pay) {
    const run = createSettleRun(scopeOf(group.from, plan.to, group.profiles), settleDepsOf(deps));
    const { left } = await payDirectly(run, { from: group.from, to: plan.to }, { signal });
    if (left > 0) return false;
  }
  const { state } = deps.regionOf(group.from).stores;
  const shown = onDebt === undefined ? {} : { onStatus: onDebt };
  return awaitPaid(state, plan.to, { olderThan, patienceMs, clock, signal, ...shown });
}

export function begin({ options, plan, group }: Returning, step: FailbackStep["step"]): void {
  options.onStep?.({ step, from: group.from, to: plan.to });
}

function unpaid(from: string, to: string): string {
  return `${from} owes ${to} what is not being paid: replicators whose control Region knows ${from} as the home do that`;
}
