/**
 * Stores sealed records, each by itself: parts first, then the head that names
 * them.
 *
 * Parts that no head came to name are left to the reconciler. The loser of a
 * race does not delete its own: it cannot know that its head will not appear,
 * when the answer to its write was lost.
 */

import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { batchPut } from "../dynamodb/batch-put.ts";
import type { CallOptions } from "../dynamodb/call-options.ts";
import { forEachLimited } from "../dynamodb/for-each-limited.ts";
import type { ConditionalWriter } from "../writer/conditional-write.ts";
import { type Candidate, failedPut, type Settle } from "./candidate.ts";
import { prepareHead } from "./check-record.ts";
import { judgeStored } from "./judge-stored.ts";
import { partItems } from "./record-items.ts";
import type { PutOutcome, RecordWrite } from "./record-types.ts";
import { writeHeads } from "./write-heads.ts";

export interface PutDeps {
  readonly client: DynamoDBClient;
  readonly writer: ConditionalWriter;
  readonly table: string;
  readonly now: () => Date;
}

/** Records whose parts are written at the same time; each holds one call of up to 4 MB. */
const maxPartWriters = 4;

export async function putRecords(
  deps: PutDeps,
  records: readonly RecordWrite[],
  options: CallOptions,
): Promise<readonly PutOutcome[]> {
  const outcomes: PutOutcome[] = [];
  const settle: Settle = ({ index }, outcome) => {
    outcomes[index] = outcome;
  };
  const candidates: Candidate[] = [];
  const createdAt = deps.now().toISOString();
  for (const [index, record] of records.entries()) {
    const prepared = prepareHead(record, createdAt);
    if (prepared.kind === "ready") candidates.push({ index, record, draft: prepared.draft, head: undefined });
    else outcomes[index] = prepared;
  }
  const small = candidates.filter(({ draft }) => draft.parts === 0);
  const large = candidates.filter(({ draft }) => draft.parts > 0);
  // Small records do not wait for the parts of large ones.
  await Promise.all([
    writeHeads(deps, small, settle, options),
    writeParts(deps, large, settle, options).then((ready) => writeHeads(deps, ready, settle, options)),
  ]);
  return outcomes;
}

/** Writes the parts of those records that still need a head, and returns these. */
async function writeParts(
  deps: PutDeps,
  large: readonly Candidate[],
  settle: Settle,
  options: CallOptions,
): Promise<readonly Candidate[]> {
  // Looking first saves a redelivered job its parts, and the table parts that no head will name.
  const wanted = await judgeStored(deps, large, settle, options);
  const ready: Candidate[] = [];
  await forEachLimited(wanted, maxPartWriters, async (candidate) => {
    try {
      await batchPut(deps.client, deps.table, partItems(candidate.record), options);
      ready.push(candidate);
    } catch (error) {
      settle(candidate, failedPut(error, options));
    }
  });
  return ready.sort((a, b) => a.index - b.index);
}
