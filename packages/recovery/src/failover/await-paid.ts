import { type Clock, sleep } from "@dekhand/runtime";
import type { CallOptions, DebtStatus, StateStore } from "@dekhand/store";

export interface AwaitPaidOptions extends CallOptions {
  /** Debt that is younger than this, ISO 8601, is not waited for: what is written now is always owed for a moment. */
  readonly olderThan: string;
  /** How long it may stay as it is before this gives up, in milliseconds. */
  readonly patienceMs: number;
  readonly clock: Clock;
  readonly onStatus?: (status: DebtStatus) => void;
}

/** The pause between two looks, in milliseconds. */
const lookEveryMs = 1_000;

/**
 * Waits until a Region is owed nothing that is older. False where debt does not become less any more: nobody pays it, or
 * nobody can. Throws StoreError, and the signal's reason.
 */
export async function awaitPaid(
  state: Pick<StateStore, "debtStatus">,
  region: string,
  { olderThan, patienceMs, clock, onStatus, signal }: AwaitPaidOptions,
): Promise<boolean> {
  let seen: string | undefined;
  let changedAt = clock.monotonic();
  for (;;) {
    const status = await state.debtStatus(region, { signal });
    const { oldestAt, items, malformed } = status;
    if (oldestAt === undefined || oldestAt > olderThan) return true;
    onStatus?.(status);
    const now = `${oldestAt} ${items} ${malformed}`;
    if (now !== seen) changedAt = clock.monotonic();
    seen = now;
    if (clock.monotonic() - changedAt >= patienceMs) return false;
    await sleep(lookEveryMs, { signal });
  }
}
