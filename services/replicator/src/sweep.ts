/**
 * Looks for debt that no job tells of: a Redis that was lost, or a job that came
 * to nothing. Young debt is left to its job, and so is all of it while jobs fill
 * every slot.
 */

import { type Logger, rateLimited, sleep } from "@dekhand/runtime";
import type { DebtItem, StateStore } from "@dekhand/store";
import { createDeferredDebt } from "./deferred-debt.ts";
import type { DebtPayer } from "./pay-debt.ts";
import { requireNoRegionTrouble } from "./region-trouble.ts";
import type { ReplicatorMetrics } from "./replicator-metrics.ts";

export interface SweepOptions {
  /** Between two looks, in milliseconds, give or take half. Default 3,000. */
  readonly everyMs: number;
  /** Debt that is younger is left to its job, in milliseconds. Default 5,000. */
  readonly minAgeMs: number;
  /** Items paid at once. Default 4. */
  readonly atOnce: number;
}

export interface SweepDeps {
  readonly payer: DebtPayer;
  readonly state: (region: string) => Pick<StateStore, "listDebt" | "debtStatus">;
  /** Whether jobs fill every slot. */
  readonly isBusy: () => boolean;
  /** Ids of debt that is being paid in this process. */
  readonly inHand: Set<string>;
  readonly metrics: ReplicatorMetrics;
  readonly logger: Logger;
  readonly options?: Partial<SweepOptions>;
}

const defaults: SweepOptions = { everyMs: 3_000, minAgeMs: 5_000, atOnce: 4 };
/** The longest pause while a Region is in trouble, in milliseconds. */
const longestPauseMs = 30_000;
const pageItems = 50;

/** Runs until the signal aborts. */
export async function sweepDebt(deps: SweepDeps, signal: AbortSignal): Promise<void> {
  const { payer, inHand, logger } = deps;
  const { region } = payer;
  const { everyMs, minAgeMs, atOnce } = { ...defaults, ...deps.options };
  const warnings = rateLimited(logger, { everyMs: 30_000 });
  const deferred = createDeferredDebt();
  for (let troubles = 0; ; ) {
    const pauseMs = Math.min(Math.max(longestPauseMs, everyMs), everyMs * 2 ** Math.min(troubles, 10));
    await sleep(pauseMs * (0.5 + Math.random()), { signal }).catch(() => undefined);
    if (signal.aborted) return;
    troubles = (await sweep()) ? 0 : troubles + 1;
  }

  /** Whether no Region was in trouble. One home that is away keeps nothing of another's back. */
  async function sweep(): Promise<boolean> {
    let isWell = true;
    const trouble = (error: unknown) => {
      isWell = false;
      if (signal.aborted) return;
      warnings.log("warn", region, { err: error, region }, "debt cannot be paid for now; it stays where it is");
    };
    const sources = await payer.sources({ signal }).catch(trouble);
    for (const source of sources ?? []) await sweepFrom(source).catch(trouble);
    return isWell;
  }

  async function sweepFrom(source: string): Promise<void> {
    const state = deps.state(source);
    const { oldestAt } = await state.debtStatus(region, { limit: 1, signal });
    const oldestMs = oldestAt === undefined ? 0 : Math.max(0, Date.now() - Date.parse(oldestAt));
    deps.metrics.owed({ home: source, region }, oldestMs);
    if (oldestMs < minAgeMs) return;
    let cursor: string | undefined;
    do {
      if (deps.isBusy()) return;
      const page = await state.listDebt(region, { cursor, limit: pageItems, signal });
      if (page.malformed.length > 0) {
        warnings.log("error", `${region} malformed`, { region, source, debt: page.malformed }, "debt cannot be read");
      }
      await payAll(page.entries.filter(isDue), source);
      cursor = page.cursor;
    } while (cursor !== undefined);
  }

  function isDue({ id, at }: DebtItem): boolean {
    return Date.now() - Date.parse(at) >= minAgeMs && deferred.isDue(id);
  }

  /** In no order, so that several processes do not come to the same item. Throws where a whole Region is in trouble. */
  async function payAll(items: readonly DebtItem[], source: string): Promise<void> {
    const left = shuffled(items).values();
    const lane = async () => {
      for (const item of left) await payOne(item, source);
    };
    const lanes = await Promise.allSettled(Array.from({ length: atOnce }, lane));
    for (const ended of lanes) if (ended.status === "rejected") throw ended.reason;
  }

  async function payOne(item: DebtItem, source: string): Promise<void> {
    const { id } = item;
    if (inHand.has(id)) return;
    inHand.add(id);
    try {
      const { isPaid, failures } = await payer.pay({ ...item, debtId: id }, { source, signal });
      requireNoRegionTrouble(region, failures);
      if (isPaid) deferred.forget(id);
      else deferred.defer(id, everyMs);
      const [first] = failures;
      const fields = { region, source, debt: id, failed: failures.length, code: first?.code };
      if (first) warnings.log("warn", `${region} ${first.code}`, fields, "debt that cannot be paid as it is");
    } finally {
      inHand.delete(id);
    }
  }
}

function shuffled<T>(items: readonly T[]): T[] {
  const left = [...items];
  return items.flatMap(() => left.splice(Math.floor(Math.random() * left.length), 1));
}
