import type { CallOptions, Retirement, RetirementStore } from "@dekhand/store";

export type RetirementFacts = Omit<Retirement, "keyArn" | "version" | "notes">;

/** The retirement of one key as it was read, and what this run adds to it. */
export interface RetirementRecord {
  readonly current: Retirement | undefined;
  /** Adds notes of what was done. Throws STORE_RETIREMENT_CHANGED where somebody else's write came between. */
  save(facts: RetirementFacts, ...what: readonly string[]): Promise<Retirement>;
}

export interface RetirementRecordDeps {
  readonly state: Pick<RetirementStore, "getRetirement" | "putRetirement">;
  readonly now: () => Date;
  readonly actor: string;
}

export async function openRecord(
  keyArn: string,
  { state, now, actor }: RetirementRecordDeps,
  options: CallOptions,
): Promise<RetirementRecord> {
  let current = await state.getRetirement(keyArn, options);
  return {
    get current() {
      return current;
    },
    async save(facts, ...what) {
      const at = now().toISOString();
      const notes = [...(current?.notes ?? []), ...what.map((each) => ({ at, actor, what: each }))];
      current = await state.putRetirement({ keyArn, ...facts, notes }, { version: current?.version }, options);
      return current;
    },
  };
}

/** What stands of a retirement but for some of its facts. */
export function without(
  { keyArn: _key, version: _version, notes: _notes, ...facts }: Retirement,
  ...gone: readonly ("emptyAt" | "disabledAt" | "deletionAt")[]
): RetirementFacts {
  const kept = { ...facts };
  for (const fact of gone) delete kept[fact];
  return kept;
}
