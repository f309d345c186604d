import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { batchGet } from "../dynamodb/batch-get.ts";
import type { CallOptions } from "../dynamodb/call-options.ts";
import { storeFailure } from "../dynamodb/store-failure.ts";
import { StoreError } from "../errors.ts";
import { type Candidate, failedPut, type Settle } from "./candidate.ts";
import { headItemName, headStateAttributes, readHeadState, recordKey } from "./record-items.ts";
import type { PutOutcome } from "./record-types.ts";
import { type HeadState, judge } from "./revision-rules.ts";

interface Source {
  readonly client: DynamoDBClient;
  readonly table: string;
}

/**
 * Reads the candidates' heads consistently, settles those that the revision
 * rules decide, and returns the others with the head that they are to replace.
 */
export async function judgeStored(
  source: Source,
  candidates: readonly Candidate[],
  settle: Settle,
  options: CallOptions,
): Promise<readonly Candidate[]> {
  let heads: ReadonlyMap<string, HeadState | StoreError>;
  try {
    heads = await readHeads(source, candidates, options);
  } catch (error) {
    for (const candidate of candidates) settle(candidate, failedPut(error, options));
    return [];
  }
  const open: Candidate[] = [];
  for (const candidate of candidates) {
    const head = heads.get(candidate.record.recordId);
    if (head instanceof StoreError) settle(candidate, { kind: "failed", error: head });
    else if (head === undefined) open.push({ ...candidate, head: undefined });
    else {
      const outcome = decide(candidate, head);
      if (outcome) settle(candidate, outcome);
      else open.push({ ...candidate, head });
    }
  }
  return open;
}

/** The outcome, or undefined when the candidate is to replace the head. */
function decide(candidate: Candidate, head: HeadState): PutOutcome | undefined {
  switch (judge(head, candidate.record)) {
    case "replace":
      return undefined;
    case "landed":
      return { kind: candidate.head ? "replaced" : "stored" };
    case "duplicate":
      return { kind: "duplicate" };
    case "superseded":
      return { kind: "superseded" };
    case "exists":
      return { kind: "rejected", code: "STORE_RECORD_EXISTS" };
    case "conflict":
      return { kind: "rejected", code: "STORE_REVISION_CONFLICT" };
  }
}

/** By record id; a head that cannot be read concerns its own record only. */
async function readHeads(
  { client, table }: Source,
  candidates: readonly Candidate[],
  options: CallOptions,
): Promise<ReadonlyMap<string, HeadState | StoreError>> {
  const ids = new Set(candidates.map(({ record }) => record.recordId));
  const keys = [...ids].map((recordId) => recordKey(recordId, headItemName));
  const items = await batchGet(client, table, keys, { ...options, attributes: headStateAttributes });
  const heads = new Map<string, HeadState | StoreError>();
  for (const item of items) {
    try {
      const head = readHeadState(item);
      heads.set(head.recordId, head);
    } catch (error) {
      heads.set(item.recordId?.S ?? "", storeFailure(error, "BatchGetItem"));
    }
  }
  return heads;
}
