import type { CallOptions, RecordCopy, RecordHead } from "@dekhand/store";
import { RecoveryError } from "../errors.ts";
import { judgeRecord } from "./judge-record.ts";
import { failedWith, type Outcome } from "./outcomes.ts";
import type { ReplicateDeps } from "./replicate-types.ts";

/** A record that the target is to have once its DEK is there. */
export interface RecordPlan {
  /** Home's. */
  readonly head: RecordHead;
  /** What was read in the target; undefined: it has the record as it is. */
  readonly expected: RecordCopy["expected"] | undefined;
  /** The target's. */
  readonly found?: RecordHead;
  /** The target's, where it has to be kept before it is replaced. */
  readonly keeps?: RecordHead;
}

export interface PlannedRecords {
  readonly plans: readonly RecordPlan[];
  /** Of the others. */
  readonly outcomes: ReadonlyMap<string, Outcome>;
}

/** Reads heads, the target's first. Throws StoreError, and the signal's reason. */
export async function planRecords(
  recordIds: readonly string[],
  { home, target }: Pick<ReplicateDeps, "home" | "target">,
  { wholeRecords = false, signal }: CallOptions & { readonly wholeRecords?: boolean | undefined },
): Promise<PlannedRecords> {
  const plans: RecordPlan[] = [];
  const outcomes = new Map<string, Outcome>();
  if (recordIds.length === 0) return { plans, outcomes };
  const there = await target.stores.records.getHeads(recordIds, { signal });
  const own = await home.stores.records.getHeads(recordIds, { signal });
  const unreadableThere = new Set(there.malformed.map(({ recordId }) => recordId));
  const unreadableHere = new Set(own.malformed.map(({ recordId }) => recordId));
  for (const recordId of recordIds) {
    const head = own.heads.get(recordId);
    if (!head) {
      const damaged: Outcome = { kind: "failed", code: "STORE_ITEM_MALFORMED", retryable: false };
      outcomes.set(recordId, unreadableHere.has(recordId) ? damaged : { kind: "gone" });
      continue;
    }
    const found = there.heads.get(recordId);
    if (!found) {
      plans.push({ head, expected: unreadableThere.has(recordId) ? "unreadable" : "absent" });
      continue;
    }
    const expected = { sealId: found.sealId };
    // One sealing, and whoever asks for the whole has found out that home's is the sound one: no label says otherwise.
    if (wholeRecords && found.sealId === head.sealId) {
      plans.push({ head, expected });
      continue;
    }
    switch (judgeRecord(head, found)) {
      case "same":
        plans.push({ head, expected: undefined });
        break;
      case "write":
        plans.push({ head, expected, found });
        break;
      case "ahead":
        outcomes.set(recordId, { kind: "ahead" });
        break;
      case "contested":
        outcomes.set(recordId, failedWith(writtenTwice(recordId)));
    }
  }
  return { plans, outcomes };
}

function writtenTwice(recordId: string): RecoveryError {
  return new RecoveryError("RECOVERY_WRITTEN_TWICE", "home and replica have each stored a record of that id", {
    context: { recordId },
  });
}
