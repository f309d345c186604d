/** How much is measured. */
export interface Sizes {
  /** In each turn. */
  readonly records: number;
  /** At each place. */
  readonly rounds: number;
  /** In a round that only warms up; 0: there is none. */
  readonly warmUpRecords: number;
  /** For the counting of KMS calls. */
  readonly counted: {
    readonly records: number;
    readonly deks: number;
    /** Of each strategy before anything is counted; 0: none. */
    readonly warmUpRecords: number;
  };
}

/** 20 records a DEK: below that, `config check` warns. */
export const fullSizes: Sizes = {
  records: 4_000,
  rounds: 5,
  warmUpRecords: 2_000,
  counted: { records: 1_000, deks: 50, warmUpRecords: 200 },
};

export const quickSizes: Sizes = {
  records: 500,
  rounds: 2,
  warmUpRecords: 300,
  counted: { records: 200, deks: 10, warmUpRecords: 100 },
};
