/** How much is measured. */
export interface Sizes {
  /** ReEncrypts of a run, over all workers. */
  readonly items: number;
  /** ReEncrypts before a run, over all workers. */
  readonly warmUpItems: number;
  readonly cutMs: number;
  /** When a run that is not done is given up. */
  readonly boundMs: number;
  /** The foreground tenant alone, before each run and after the last. */
  readonly aloneMs: number;
  readonly saturationMs: number;
}

export const fullSizes: Sizes = {
  items: 20_000,
  warmUpItems: 6_000,
  cutMs: 5_000,
  boundMs: 60_000,
  aloneMs: 8_000,
  saturationMs: 4_000,
};

export const quickSizes: Sizes = {
  items: 2_000,
  warmUpItems: 400,
  cutMs: 1_000,
  boundMs: 6_000,
  aloneMs: 1_000,
  saturationMs: 1_000,
};
