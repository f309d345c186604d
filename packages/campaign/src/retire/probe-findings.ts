export interface WrapFinding {
  readonly store: string;
  readonly region: string;
  readonly id: string;
  /** For an operator; repeats nothing that is stored. */
  readonly message: string;
}

export interface WrapFindings {
  readonly count: number;
  /** At most 20 of them. */
  readonly first: readonly WrapFinding[];
}

export interface ProbedWraps {
  /** ISO 8601. */
  readonly beganAt: string;
  readonly endedAt: string;
  readonly stores: readonly { readonly store: string; readonly region: string; readonly wraps: number }[];
  /** Wraps that are under the key. */
  readonly under: WrapFindings;
  /** What nobody can judge: damaged, made under another context, labelled wrongly, or not readable as a wrap. */
  readonly unknown: WrapFindings;
}

const maxListed = 20;

/** Counts all, keeps the first. */
export function createFindings() {
  const first: WrapFinding[] = [];
  let count = 0;
  return {
    add(finding: WrapFinding) {
      count += 1;
      if (first.length < maxListed) first.push(finding);
    },
    all: (): WrapFindings => ({ count, first }),
  };
}
