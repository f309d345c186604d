/**
 * Copies records whose DEKs are in the target: envelopes are read from home and
 * written where the target's head is still the one that was read.
 */

import type { ByteRoom } from "@dekhand/campaign";
import { ENVELOPE_OVERHEAD_BYTES } from "@dekhand/envelope";
import { type CallOptions, type RecordCopy, StoreError } from "@dekhand/store";
import { failedWith, type Outcome } from "./outcomes.ts";
import type { RecordPlan } from "./plan-records.ts";
import type { ReplicateDeps } from "./replicate-types.ts";
import { sideBySide } from "./side-by-side.ts";

/** `again`: home or target has changed meanwhile, so that all is to be read anew. */
export type CopiedRecords = ReadonlyMap<string, Outcome | "again">;

export interface ToCopy extends RecordPlan {
  readonly expected: RecordCopy["expected"];
}

/** DynamoDB takes 25 conditional statements a call. */
const chunkItems = 25;
const chunkBytes = 2 * 1024 * 1024;
const chunksAtOnce = 4;

export async function copyRecords(
  plans: readonly ToCopy[],
  deps: Pick<ReplicateDeps, "home" | "target"> & {
    readonly room: ByteRoom;
    /** Whether the DEK is in the target. */
    readonly hasDek: (dekId: string) => boolean;
  },
  options: CallOptions,
): Promise<CopiedRecords> {
  const outcomes = new Map<string, Outcome | "again">();
  await sideBySide(inChunks(plans), chunksAtOnce, async (chunk) => {
    const bytes = chunk.reduce((sum, { head }) => sum + bytesOf(head), 0);
    using _taken = await deps.room.take(bytes, options);
    await put(await read(chunk));
  });
  return outcomes;

  /** Those that can be copied as they are now. */
  async function read(chunk: readonly ToCopy[]): Promise<readonly RecordCopy[]> {
    const recordIds = chunk.map(({ head }) => head.recordId);
    const found = await deps.home.stores.records.getMany(recordIds, options).catch((error: unknown) => {
      options.signal?.throwIfAborted();
      const failed = failedWith(error);
      for (const recordId of recordIds) outcomes.set(recordId, failed);
      return undefined;
    });
    if (!found) return [];
    return chunk.flatMap(({ head: { recordId }, expected }): RecordCopy[] => {
      const record = found.get(recordId);
      if (record === undefined) outcomes.set(recordId, { kind: "gone" });
      else if (record instanceof StoreError) outcomes.set(recordId, failedWith(record));
      else if (deps.hasDek(record.dekId)) return [{ record, expected }];
      else outcomes.set(recordId, "again");
      return [];
    });
  }

  async function put(copies: readonly RecordCopy[]): Promise<void> {
    if (copies.length === 0) return;
    const results = await deps.target.stores.records.putCopies(copies, options);
    options.signal?.throwIfAborted();
    for (const [index, { record }] of copies.entries()) {
      const result = results[index];
      if (!result) throw new RangeError("copies are answered item by item");
      outcomes.set(record.recordId, outcomeOf(result));
    }
  }
}

function outcomeOf(result: Awaited<ReturnType<ReplicateDeps["target"]["stores"]["records"]["putCopies"]>>[number]) {
  switch (result.kind) {
    case "stored":
    case "same":
      return { kind: "arrived" } as const;
    case "conflict":
      return "again";
    case "failed":
      return failedWith(result.error);
  }
}

/** In the order of the input, as many together as one write takes and a fair part of the memory holds. */
function inChunks(plans: readonly ToCopy[]): ToCopy[][] {
  const chunks: ToCopy[][] = [];
  let chunk: ToCopy[] = [];
  let bytes = 0;
  for (const plan of plans) {
    const size = bytesOf(plan.head);
    if (chunk.length === chunkItems || (chunk.length > 0 && bytes + size > chunkBytes)) {
      chunks.push(chunk);
      chunk = [];
      bytes = 0;
    }
    chunk.push(plan);
    bytes += size;
  }
  if (chunk.length > 0) chunks.push(chunk);
  return chunks;
}

function bytesOf({ size }: RecordPlan["head"]): number {
  return size + ENVELOPE_OVERHEAD_BYTES;
}
