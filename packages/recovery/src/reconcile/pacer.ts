import { type Clock, sleep, systemClock } from "@dekhand/runtime";

/** So many pages a second, over time. */
export interface Pacer {
  /** Waits until what was spent is earned. Throws the signal's reason. */
  turn(signal: AbortSignal | undefined): Promise<void>;
  /** A page, or the part of one that it came to: the last one of a segment is seldom a whole one. */
  spend(pages: number): void;
}

export function createPacer(pagesPerSecond: number, clock: Pick<Clock, "monotonic"> = systemClock): Pacer {
  let earnedAt = clock.monotonic();
  return {
    async turn(signal) {
      signal?.throwIfAborted();
      // Several wait at once: whoever goes first may have spent meanwhile.
      for (let now = clock.monotonic(); now < earnedAt; now = clock.monotonic()) {
        await sleep(earnedAt - now, { signal });
      }
    },
    spend(pages) {
      earnedAt = Math.max(earnedAt, clock.monotonic()) + (pages * 1_000) / pagesPerSecond;
    },
  };
}
