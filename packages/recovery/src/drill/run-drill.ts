/**
 * Opens records with nothing but one Region's tables and KMS, and tells what did
 * not open. The plaintext is wiped at once: a drill asks whether it can be had.
 *
 * A record is whole (its envelope has the digest that its head tells), its DEK
 * unwraps in the Region to what it commits to, and the envelope opens as that
 * record's: id, context, content type, revision and epoch are bound to it.
 */

import { randomUUID } from "node:crypto";
import { ENVELOPE_OVERHEAD_BYTES, open } from "@dekhand/envelope";
import { DekhandError } from "@dekhand/errors";
import {
  type CallOptions,
  type DrillFailure,
  type DrillResult,
  newEntryId,
  type StoredRecord,
  StoreError,
} from "@dekhand/store";
import { isRecordId } from "../reconcile/usable-ids.ts";
import { sideBySide } from "../replicate/side-by-side.ts";
import { allHeads, type DrawnHead, drawHeads } from "./draw-heads.ts";
import type { DrillOptions, DrillRegion } from "./drill-types.ts";

const maxFailures = 20;
const chunkRecords = 100;
/** One larger record is read by itself. */
const chunkBytes = 16 * 1024 * 1024;

/** A Region that cannot be read is a failed drill, too. Throws the signal's reason only. */
export async function runDrill(region: DrillRegion, options: DrillOptions): Promise<DrillResult> {
  const { sample, actor, seed = randomUUID(), concurrency = 16, onProgress, signal } = options;
  const startedAt = new Date().toISOString();
  const failures: DrillFailure[] = [];
  let opened = 0;
  let failed = 0;
  const fail = (failure: DrillFailure) => {
    failed += 1;
    if (failures.length < maxFailures) failures.push(failure);
  };

  const openChunk = async (ids: readonly string[]) => {
    const found = await region.records.getMany(ids, { signal });
    await sideBySide(ids, concurrency, async (recordId) => {
      const code = await whyNotOpened(region, found.get(recordId), { signal });
      if (code === undefined) opened += 1;
      else fail({ recordId, code });
      onProgress?.({ opened, failed });
    });
  };

  try {
    const source = region.records;
    const pages = sample === "all" ? allHeads(source, { signal }) : drawHeads(source, sample, { seed, signal });
    for await (const heads of pages) {
      const usable = heads.filter(({ recordId }) => isRecordId(recordId));
      for (let left = heads.length - usable.length; left > 0; left -= 1) fail({ code: "STORE_ITEM_MALFORMED" });
      for (const ids of inChunks(usable)) await openChunk(ids);
    }
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof DekhandError)) throw error;
    fail({ code: error.code });
  }
  const endedAt = new Date().toISOString();
  const counts = { asked: opened + failed, opened, failed };
  return { id: newEntryId(), region: region.region, startedAt, endedAt, ...counts, failures, sample, actor };
}

/** The code of what it failed with; undefined: it opens. */
async function whyNotOpened(
  { deks }: DrillRegion,
  record: StoredRecord | StoreError | undefined,
  { signal }: CallOptions,
): Promise<string | undefined> {
  if (!record) return "RECOVERY_RECORD_GONE";
  if (record instanceof StoreError) return record.code;
  try {
    const { recordId, dekId, context, contentType, revision, epoch, envelope } = record;
    using lease = await deks.acquire({ dekId, context }, { signal });
    const bound = { recordId, context, contentType, epoch, ...(revision === undefined ? {} : { revision }) };
    open(lease.dek, envelope, bound).fill(0);
    return undefined;
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof DekhandError) return error.code;
    throw error;
  }
}

function* inChunks(heads: readonly DrawnHead[]): Generator<string[]> {
  let chunk: string[] = [];
  let bytes = 0;
  for (const head of heads) {
    const more = ("size" in head ? head.size : 0) + ENVELOPE_OVERHEAD_BYTES;
    if (chunk.length === chunkRecords || (chunk.length > 0 && bytes + more > chunkBytes)) {
      yield chunk;
      chunk = [];
      bytes = 0;
    }
    chunk.push(head.recordId);
    bytes += more;
  }
  if (chunk.length > 0) yield chunk;
}
