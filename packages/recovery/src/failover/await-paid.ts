import { type Clock, sleep } from "@dekhand/runtime";
import type { CallOptions, DebtStatus, StateStore } from "@dekhand/store";

export interface AwaitPaidOptions extends CallOptions {
  /** Debt that is younger than this, ISO 8601, is not waited for: what is written now is always owed for a moment. */
  readonly olderThan: string;
  /** How long it may stay as it is before this gives up, in milliseconds. */
  readonly patienceMs: number;
  readonly clock: Clock;
  /** The shortest pause between two looks, in milliseconds. Default 1,000. */
  readonly lookEveryMs?: number;
  readonly onStatus?: (status: DebtStatus) => void;
}

/** A look reads all debt. Those who pay it read the same table: the pause is so many times as long as the look. */
const pausePerLook = 4;
/** One look, in milliseconds: some millions of items. */
const budgetMs = 60_000;

/**
 * Waits until a Region is owed nothing that is older, and answers with what is left of that where it does not become less
 * any more: nobody pays it, or nobody can. What comes in meanwhile is no part of it, so that this ends. Throws StoreError, and
 * the signal's reason.
 */
export async function awaitPaid(
  state: Pick<StateStore, "debtStatus">,
  region: string,
  { olderThan, patienceMs, clock, lookEveryMs = 1_000, onStatus, signal }: AwaitPaidOptions,
): Promise<DebtStatus | undefined> {
  let least: DebtStatus | undefined;
  let fellAt = clock.monotonic();
  for (;;) {
    const beganAt = clock.monotonic();
    const left = await state.debtStatus(region, { until: olderThan, budgetMs, signal });
    const tookMs = clock.monotonic() - beganAt;
    if (left.oldestAt === undefined) return undefined;
    onStatus?.(left);
    if (least === undefined || hasFallen(left, least)) {
      least = left;
      fellAt = clock.monotonic();
    }
    if (clock.monotonic() - fellAt >= patienceMs) return left;
    await sleep(Math.max(lookEveryMs, pausePerLook * tookMs), { signal });
  }
}

/** No item of that age comes any more but by a write that was sent again. Of too many to count, the oldest tell. */
function hasFallen(now: DebtStatus, before: DebtStatus): boolean {
  return now.items < before.items || (now.oldestAt ?? "") > (before.oldestAt ?? "");
}
