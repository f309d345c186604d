/**
 * One attempt to read one record in one Region. Its head, DEK, wrap and the KMS
 * call all come from that Region; what it lacks is not fetched from another.
 *
 * The reader's own expectation (record id and context) is the authority; what
 * the table says beside the envelope is checked against it, and the rest by
 * the envelope's authentication.
 */

import type { DecryptDeks } from "@dekhand/deks";
import { type EncryptionContext, open, type RecordBinding, sameContext } from "@dekhand/envelope";
import type { DekhandError } from "@dekhand/errors";
import type { RecordStore } from "@dekhand/store";
import { judgeTrouble, type Trouble } from "./judge-trouble.ts";

export interface OpenedRecord {
  readonly recordId: string;
  readonly payload: Buffer;
  readonly contentType: string;
  readonly context: EncryptionContext;
  readonly revision?: number;
  /** When the envelope was stored, ISO 8601. */
  readonly createdAt: string;
  /** The Region that it was read in. */
  readonly region: string;
}

/** What reading needs in one Region, and all of it that Region's own. */
export interface ReadableRegion {
  readonly region: string;
  readonly records: Pick<RecordStore, "get">;
  readonly deks: Pick<DecryptDeks, "acquire">;
}

/** A Region that is opened when it is first looked into; that contacts nothing. */
export interface ReaderRegion {
  readonly region: string;
  open(): ReadableRegion;
}

/** Any context is accepted: for operators' tools only, never for an application. */
export const anyContext = Symbol("any context");

export interface Wanted {
  readonly recordId: string;
  readonly expected: EncryptionContext | typeof anyContext;
  readonly signal: AbortSignal | undefined;
}

/**
 * - `opened`: here it is.
 * - `absent`: the Region has no such record.
 * - `mismatch`: it has one with another context; KMS was not asked.
 * - the others: see `Trouble`.
 */
export type Attempt =
  | { readonly kind: "opened"; readonly record: OpenedRecord }
  | { readonly kind: "absent" | "mismatch" }
  | { readonly kind: Trouble; readonly error: DekhandError };

/** Throws only what ends the read as a whole: the signal's reason, a closed client, a record id that no record can have. */
export async function readInRegion(reader: ReaderRegion, wanted: Wanted): Promise<Attempt> {
  try {
    wanted.signal?.throwIfAborted();
    return await attempt(reader.open(), wanted);
  } catch (error) {
    wanted.signal?.throwIfAborted();
    const trouble = judgeTrouble(error);
    if (!trouble) throw error;
    return trouble;
  }
}

async function attempt(from: ReadableRegion, { recordId, expected, signal }: Wanted): Promise<Attempt> {
  const record = await from.records.get(recordId, { signal });
  if (!record) return { kind: "absent" };
  if (expected !== anyContext && !sameContext(expected, record.context)) return { kind: "mismatch" };
  using lease = await from.deks.acquire({ dekId: record.dekId, context: record.context }, { signal });
  const { context, contentType, revision, epoch, createdAt } = record;
  const described = { recordId, context, contentType, ...(revision === undefined ? {} : { revision }) };
  const binding: RecordBinding = { ...described, epoch };
  const payload = open(lease.dek, record.envelope, binding);
  return { kind: "opened", record: { ...described, payload, createdAt, region: from.region } };
}
