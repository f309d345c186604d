/** Until everything that was written before is in both Regions, or it is plain that it does not come to that. */

import { systemClock } from "@dekhand/runtime";
import type { DebtStatus } from "@dekhand/store";
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
    const before = await pay(work, nowOf(deps));
    sum = add(sum, before);
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
    let { unpaid } = before;
    if (unpaid === undefined) {
      const after = await pay(work, compared.endedAt);
      sum = add(sum, after);
      ({ unpaid } = after);
    }
    if (unpaid !== undefined) missing.push(unpaid);
    if (missing.length === 0 || unpaid !== undefined || round === maxRounds) return { sum, compared, missing };
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

interface Payment extends Sum {
  /** What is left of it, and what is in the way, in a sentence; absent: nothing is. */
  readonly unpaid?: string;
}

/** Debt that comes in while the rest is paid here may be dated by a clock that is behind. */
const maxPayments = 3;

/**
 * Until the Region is owed nothing any more that is older. What replicators do not pay in time is paid here: one of them takes
 * minutes to try again what could not be paid before the two Regions were settled.
 */
async function pay(work: Returning, olderThan: string): Promise<Payment> {
  const { group, plan, deps, options } = work;
  const { clock = systemClock } = deps;
  const { signal, patienceMs, onDebt } = options;
  const { state } = deps.regionOf(group.from).stores;
  const shown = onDebt === undefined ? {} : { onStatus: onDebt };
  const leftAfter = (patience: number) =>
    awaitPaid(state, plan.to, { olderThan, patienceMs: patience, clock, signal, ...shown });
  begin(work, "await");
  if (!options.pay && !(await leftAfter(patienceMs))) return nothingSettled;
  let sum = nothingSettled;
  for (let times = 1; ; times += 1) {
    begin(work, "pay");
    const run = createSettleRun(scopeOf(group.from, plan.to, group.profiles), settleDepsOf(deps));
    const paid = await payDirectly(run, { from: group.from, to: plan.to }, { signal });
    sum = add(sum, paid);
    const left = await leftAfter(0);
    if (!left) return sum;
    if (paid.left > 0 || times === maxPayments) return { ...sum, unpaid: unpaidOf(left, paid, work) };
  }
}

function unpaidOf(
  { records, deks, oldestAt, atLeast }: DebtStatus,
  { failures }: Sum,
  { group, plan }: Returning,
): string {
  const owed = `${atLeast ? "at least " : ""}${records} records and ${deks} DEKs, the oldest since ${oldestAt}`;
  const [first] = failures;
  const codes = [...new Set(failures.map(({ code }) => code))].join(", ");
  const why = first ? `: ${codes}, as of ${first.recordId}` : "";
  return `${group.from} owes ${plan.to} what is not being paid, and cannot be paid here: ${owed}${why}`;
}

export function begin({ options, plan, group }: Returning, step: FailbackStep["step"]): void {
  options.onStep?.({ step, from: group.from, to: plan.to });
}
