/**
 * Makes records exist: a conditional insert, and where a head is there already,
 * a replacement conditional on the seal id that was read. Whoever loses a race
 * reads again, a bounded number of times.
 */

import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { CallOptions } from "../dynamodb/call-options.ts";
import { StoreError } from "../errors.ts";
import { text } from "../items/write-values.ts";
import type { ConditionalWrite, ConditionalWriter } from "../writer/conditional-write.ts";
import type { Candidate, Settle } from "./candidate.ts";
import { judgeStored } from "./judge-stored.ts";
import { headItemName, recordKey } from "./record-items.ts";

interface Target {
  readonly client: DynamoDBClient;
  readonly writer: ConditionalWriter;
  readonly table: string;
}

/** How often a record may change between reading and writing before it is given back as STORE_CONTENDED. */
const maxRounds = 12;

export async function writeHeads(
  target: Target,
  candidates: readonly Candidate[],
  settle: Settle,
  options: CallOptions,
): Promise<void> {
  let open = candidates;
  for (let round = 1; open.length > 0; round += 1) {
    const chosen = onePerRecord(open);
    const writes = chosen.map((candidate) => headWrite(target.table, candidate));
    const results = await target.writer.write(writes, options);
    const ended = new Set<Candidate>();
    for (const [position, candidate] of chosen.entries()) {
      const result = results[position];
      if (result === undefined || result.kind === "conflict") continue;
      ended.add(candidate);
      settle(candidate, result.kind === "failed" ? result : { kind: candidate.head ? "replaced" : "stored" });
    }
    open = open.filter((candidate) => !ended.has(candidate));
    if (open.length > 0) open = await judgeStored(target, open, settle, options);
    if (round < maxRounds) continue;
    for (const candidate of open) settle(candidate, { kind: "failed", error: contended(candidate) });
    return;
  }
}

/**
 * Several jobs for one record do not race each other: the first one inserts, or
 * the highest revision replaces, and the others are judged against that.
 */
function onePerRecord(open: readonly Candidate[]): readonly Candidate[] {
  const chosen = new Map<string, Candidate>();
  for (const candidate of open) {
    const { recordId, revision = -1 } = candidate.record;
    const other = chosen.get(recordId);
    const isHigher = candidate.head !== undefined && other !== undefined && revision > (other.record.revision ?? -1);
    if (other === undefined || isHigher) chosen.set(recordId, candidate);
  }
  return [...chosen.values()];
}

function headWrite(table: string, { record, draft, head }: Candidate): ConditionalWrite {
  const key = recordKey(record.recordId, headItemName);
  if (head === undefined) return { kind: "insert", table, key, item: draft.attributes };
  return {
    kind: "update",
    table,
    key,
    when: { sealId: text(head.sealId) },
    set: draft.attributes,
    remove: draft.parts > 0 ? ["envelope"] : [],
  };
}

function contended({ record }: Candidate): StoreError {
  return new StoreError("STORE_CONTENDED", "the record kept changing while it was being written", {
    retryable: true,
    context: { recordId: record.recordId },
  });
}
