/**
 * Copies records whose DEKs are in the target: envelopes are read from home and
 * written where the target's head is still the one that was read.
 */

import type { ByteRoom } from "@dekhand/campaign";
import { ENVELOPE_OVERHEAD_BYTES } from "@dekhand/envelope";
import type { Clock } from "@dekhand/runtime";
import { type CallOptions, type RecordCopy, type RecordHead, StoreError } from "@dekhand/store";
import { keepAsRead } from "./keep-record.ts";
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
  deps: Pick<ReplicateDeps, "home" | "target" | "onKept" | "logger"> & {
    readonly clock: Clock;
    readonly room: ByteRoom;
    /** Whether the DEK is in the target. */
    readonly hasDek: (dekId: string) => boolean;
  },
  options: CallOptions,
): Promise<CopiedRecords> {
  const outcomes = new Map<string, Outcome | "again">();
  await sideBySide(inChunks(plans), chunksAtOnce, async (chunk) => {
    const bytes = chunk.reduce((sum, plan) => sum + bytesOf(plan), 0);
    using _taken = await deps.room.take(bytes, options);
    await put(await keep(await read(chunk), chunk));
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

  /** Those of which the target's is kept, where it has to be. */
  async function keep(copies: readonly RecordCopy[], chunk: readonly ToCopy[]): Promise<readonly RecordCopy[]> {
    const toKeep = new Map(chunk.flatMap(({ keeps }) => (keeps ? [[keeps.recordId, keeps]] : [])));
    const ready: RecordCopy[] = [];
    for (const copy of copies) {
      const { recordId } = copy.record;
      const lost = toKeep.get(recordId);
      const outcome = lost && (await keepLost(lost));
      if (outcome) outcomes.set(recordId, outcome);
      else ready.push(copy);
    }
    return ready;
  }

  /** What is in the way; undefined: it is kept. */
  async function keepLost(lost: RecordHead): Promise<Outcome | "again" | undefined> {
    const { recordId, epoch, sealId } = lost;
    const { target, home, clock, logger, onKept } = deps;
    try {
      const isKept = await keepAsRead(lost, { at: target, other: home, now: clock.now(), ...options });
      if (!isKept) return "again";
    } catch (error) {
      options.signal?.throwIfAborted();
      return failedWith(error);
    }
    onKept?.(recordId);
    const fields = { recordId, region: target.region, epoch, sealId };
    logger.warn(
      fields,
      "a record was written in two Regions; the higher revision stays, the other one is kept and listed",
    );
    return undefined;
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
    const size = bytesOf(plan);
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

function bytesOf({ head, keeps }: RecordPlan): number {
  return head.size + ENVELOPE_OVERHEAD_BYTES + (keeps ? keeps.size + ENVELOPE_OVERHEAD_BYTES : 0);
}
