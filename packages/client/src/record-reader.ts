/**
 * Finds a record, checks that it is what the reader expects, and opens it.
 *
 * The reader's own expectation (record id and context) is the authority; what
 * the table says beside the envelope is checked against it, and the rest by
 * the envelope's authentication.
 */

import type { DecryptDeks } from "@dekhand/deks";
import { type EncryptionContext, open, type RecordBinding, sameContext } from "@dekhand/envelope";
import { DekhandError } from "@dekhand/errors";
import type { CallOptions, RecordStore, StoredRecord } from "@dekhand/store";
import { ClientError } from "./errors.ts";

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

export interface ReadableRegion {
  readonly region: string;
  readonly records: Pick<RecordStore, "get">;
  readonly deks: Pick<DecryptDeks, "acquire">;
}

/** Any context is accepted: for operators' tools only, never for an application. */
export const anyContext = Symbol("any context");

export interface RecordReader {
  /**
   * Throws CLIENT_RECORD_NOT_FOUND, CLIENT_CONTEXT_MISMATCH (before any KMS
   * call), ENVELOPE_AUTHENTICATION_FAILED, DeksError, KmsError, StoreError.
   */
  read(recordId: string, expected: EncryptionContext | typeof anyContext, options?: CallOptions): Promise<OpenedRecord>;
}

/** A Region that is opened when it is first looked into. */
export interface ReaderRegion {
  readonly region: string;
  open(): Promise<ReadableRegion>;
}

/** `regions` in the order of preference. A Region that cannot be asked, or has another record of that id, is passed over. */
export function createRecordReader(regions: readonly ReaderRegion[]): RecordReader {
  return {
    async read(recordId, expected, { signal } = {}) {
      const { record, from } = await find(regions, { recordId, expected, signal });
      using lease = await from.deks.acquire({ dekId: record.dekId, context: record.context }, { signal });
      const { context, contentType, revision, epoch, createdAt } = record;
      const described = { recordId, context, contentType, ...(revision === undefined ? {} : { revision }) };
      const binding: RecordBinding = { ...described, epoch };
      return { ...described, payload: open(lease.dek, record.envelope, binding), createdAt, region: from.region };
    },
  };
}

interface Wanted {
  readonly recordId: string;
  readonly expected: EncryptionContext | typeof anyContext;
  readonly signal: AbortSignal | undefined;
}

async function find(
  regions: readonly ReaderRegion[],
  { recordId, expected, signal }: Wanted,
): Promise<{ record: StoredRecord; from: ReadableRegion }> {
  const unreachable: DekhandError[] = [];
  let mismatched = false;
  for (const region of regions) {
    try {
      const from = await region.open();
      const record = await from.records.get(recordId, { signal });
      if (!record) continue;
      if (expected === anyContext || sameContext(expected, record.context)) return { record, from };
      mismatched = true;
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof DekhandError) || !error.retryable) throw error;
      unreachable.push(error);
    }
  }
  const context = { recordId };
  if (mismatched) {
    throw new ClientError("CLIENT_CONTEXT_MISMATCH", "the record has another context than the reader expects", {
      context,
    });
  }
  // While a Region could not be asked, nobody knows whether the record exists.
  const [first] = unreachable;
  throw first ?? new ClientError("CLIENT_RECORD_NOT_FOUND", "no such record", { context });
}
