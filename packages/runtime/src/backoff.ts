export interface BackoffOptions {
  /** Upper edge of the first delay. */
  readonly baseMs: number;
  /** Upper edge that no delay exceeds. */
  readonly capMs: number;
  /** Uniform in [0, 1); default Math.random. */
  readonly random?: () => number;
}

/**
 * A delay in milliseconds before retry number `attempt` (the first is 1), spread evenly between 0 and
 * min(capMs, baseMs x 2^(attempt - 1)): "full jitter", so that clients which failed together do not return together.
 */
export function fullJitterDelay(attempt: number, options: BackoffOptions): number {
  const exponent = Math.min(Math.max(0, attempt - 1), 52);
  const edge = Math.min(options.capMs, options.baseMs * 2 ** exponent);
  return edge * (options.random ?? Math.random)();
}
