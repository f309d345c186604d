import { type Clock, sleep } from "@dekhand/runtime";

/** Lets so many through a second, one after the other, at even distances. */
export interface Pacer {
  /** Throws the signal's reason. */
  turn(signal: AbortSignal | undefined): Promise<void>;
}

export function createPacer(perSecond: number, clock: Pick<Clock, "monotonic">): Pacer {
  const everyMs = 1_000 / perSecond;
  let nextAt = clock.monotonic();
  return {
    async turn(signal) {
      signal?.throwIfAborted();
      const now = clock.monotonic();
      const at = Math.max(now, nextAt);
      nextAt = at + everyMs;
      if (at > now) await sleep(at - now, { signal });
    },
  };
}
