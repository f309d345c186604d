/** A rate limit that holds up to one second's worth of calls. */
export interface TokenBucket {
  readonly perSecond: number;
  /** Takes a token, or answers false where none is left. */
  take(nowMs: number): boolean;
}

/** `perSecond` 0 lets nothing through; a fraction lets one through every so often. */
export function createTokenBucket(perSecond: number, nowMs: number): TokenBucket {
  const capacity = perSecond === 0 ? 0 : Math.max(1, perSecond);
  let tokens = capacity;
  let filledAt = nowMs;
  return {
    perSecond,
    take(now) {
      tokens = Math.min(capacity, tokens + (Math.max(0, now - filledAt) / 1000) * perSecond);
      filledAt = Math.max(filledAt, now);
      if (tokens < 1) return false;
      tokens -= 1;
      return true;
    },
  };
}
