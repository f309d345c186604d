/**
 * Stores a batch of sealed records, and before any of their jobs is acknowledged,
 * what replica Regions are owed for them: one write for the whole batch. Where
 * that write fails, the jobs are tried again, and come back as duplicates; which
 * therefore leave debt as well: their first delivery may have died in between.
 */

import { batchDebt } from "@dekhand/recovery";
import {
  type CallOptions,
  type DebtItem,
  type PutOutcome,
  type RecordWrite,
  StoreError,
  type Stores,
} from "@dekhand/store";

/** A record on its way to its home Region's table. */
export interface RecordToStore {
  readonly record: RecordWrite;
  /** The other Regions that are to have it. */
  readonly replicas: readonly string[];
}

/** The tables of one home Region. */
export interface HomeStores {
  readonly records: Pick<Stores["records"], "put">;
  readonly state: Pick<Stores["state"], "putDebt">;
}

export interface StoreBatchDeps extends HomeStores {
  /** Tells of debt that is durable. */
  readonly announce: (debt: readonly DebtItem[]) => void;
}

/** Answers in the order of the batch. Does not throw. */
export async function storeBatch(
  batch: readonly RecordToStore[],
  { records, state, announce }: StoreBatchDeps,
  options: CallOptions,
): Promise<readonly PutOutcome[]> {
  const outcomes = await records.put(
    batch.map(({ record }) => record),
    options,
  );
  const stored = batch.flatMap(({ record: { recordId, dekId }, replicas }, index) => {
    const kind = outcomes[index]?.kind;
    if (kind === "stored" || kind === "replaced") return [{ recordId, dekId, replicas }];
    // The DEK of a duplicate is not the one that the stored record is under.
    return kind === "duplicate" ? [{ recordId, replicas }] : [];
  });
  const debt = batchDebt(stored, new Date().toISOString());
  if (debt.length === 0) return outcomes;
  try {
    await state.putDebt(debt, options);
  } catch (failure) {
    const error = untilWritten(failure);
    const owing = new Set(stored.flatMap(({ recordId, replicas }) => (replicas.length > 0 ? [recordId] : [])));
    return outcomes.map((outcome, index) =>
      isStored(outcome) && owing.has(batch[index]?.record.recordId ?? "") ? { kind: "failed", error } : outcome,
    );
  }
  announce(debt);
  return outcomes;
}

function isStored({ kind }: PutOutcome): boolean {
  return kind === "stored" || kind === "replaced" || kind === "duplicate";
}

/** Whatever is wrong with the state table is nothing that a stored record's job is to be rejected for. */
function untilWritten(failure: unknown): StoreError {
  if (failure instanceof StoreError && failure.retryable) return failure;
  const code = failure instanceof StoreError ? failure.code : "STORE_CANCELLED";
  return new StoreError(code, "what replica Regions are owed could not be written", {
    retryable: true,
    cause: failure,
  });
}
