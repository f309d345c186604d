/** How much is measured in each of the two parts. */
export interface Sizes {
  readonly wraps: number;
  /** Rewrapped before anything is measured, in a table of their own. */
  readonly warmUpWraps: number;
  /** In each, both contestants take a turn. */
  readonly rounds: number;
}

export const fullSizes: Sizes = { wraps: 100_000, warmUpWraps: 10_000, rounds: 10 };

export const quickSizes: Sizes = { wraps: 8_000, warmUpWraps: 2_000, rounds: 4 };
