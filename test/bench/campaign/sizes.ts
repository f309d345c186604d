/** How much is rewrapped at one place. */
export interface Sizes {
  readonly wraps: number;
  /** Rewrapped before anything is measured, in a table of their own. */
  readonly warmUpWraps: number;
  /** In each, both contestants take a turn. */
  readonly rounds: number;
}

/** At the two places. The ratio of CPU times needs no more of the second than this. */
export interface AllSizes {
  readonly embedded: Sizes;
  readonly loopback: Sizes;
}

export const fullSizes: AllSizes = {
  embedded: { wraps: 100_000, warmUpWraps: 5_000, rounds: 10 },
  loopback: { wraps: 50_000, warmUpWraps: 10_000, rounds: 10 },
};

export const quickSizes: AllSizes = {
  embedded: { wraps: 6_000, warmUpWraps: 1_000, rounds: 3 },
  loopback: { wraps: 6_000, warmUpWraps: 3_000, rounds: 3 },
};
