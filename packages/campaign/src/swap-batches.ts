import { deadlineIn } from "@dekhand/runtime";
import type { CallOptions, SwapOutcome, WrapStore, WrapSwap } from "@dekhand/store";

/** As many conditional writes as DynamoDB takes in one call. */
const swapsPerCall = 25;

export interface SwapBatches {
  /** Sends what has gathered as soon as a call is full; `settle` hears of the outcome. */
  add(swap: WrapSwap, settle: (outcome: SwapOutcome) => void): void;
  /** Sends the rest, and ends when every outcome is known. */
  flush(): Promise<void>;
}

/** Gathers swaps as wraps are re-encrypted, so that writing goes on beside it and few calls are made. */
export function createSwapBatches(
  store: Pick<WrapStore, "swap">,
  { signal, withinMs }: CallOptions & { readonly withinMs?: (() => number) | undefined },
): SwapBatches {
  type Entry = { readonly swap: WrapSwap; readonly settle: (outcome: SwapOutcome) => void };
  let gathered: Entry[] = [];
  const sent: Promise<void>[] = [];

  const swap = async (swaps: readonly WrapSwap[]) => {
    if (withinMs === undefined) return store.swap(swaps, { signal });
    using limit = deadlineIn(Math.max(0, withinMs()), signal);
    return await store.swap(swaps, { signal: limit.signal });
  };

  const send = () => {
    const batch = gathered;
    gathered = [];
    const settled = swap(batch.map((entry) => entry.swap)).then((outcomes) => {
      for (const [index, outcome] of outcomes.entries()) batch[index]?.settle(outcome);
    });
    // Heard by flush; until then a failure must not end the process.
    settled.catch(() => undefined);
    sent.push(settled);
  };

  return {
    add(swap, settle) {
      gathered.push({ swap, settle });
      if (gathered.length >= swapsPerCall) send();
    },
    async flush() {
      if (gathered.length > 0) send();
      await Promise.all(sent);
    },
  };
}
