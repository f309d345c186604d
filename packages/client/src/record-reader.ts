/**
 * Finds a record, checks that it is what the reader expects, and opens it.
 *
 * The reader's own expectation (record id and context) is the authority; what
 * the table says beside the envelope is checked against it, and the rest by
 * the envelope's authentication.
 */

import type { DecryptDeks } from "@dekhand/deks";
import { type EncryptionContext, open, type RecordBinding, sameContext } from "@dekhand/envelope";
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

/** `regions` in the order of preference. */
export function createRecordReader(regions: () => Promise<readonly ReadableRegion[]>): RecordReader {
  return {
    async read(recordId, expected, { signal } = {}) {
      const found = await find(await regions(), recordId, signal);
      if (!found) throw new ClientError("CLIENT_RECORD_NOT_FOUND", "no such record", { context: { recordId } });
      const { record, from } = found;
      if (expected !== anyContext && !sameContext(expected, record.context)) {
        throw new ClientError("CLIENT_CONTEXT_MISMATCH", "the record has another context than the reader expects", {
          context: { recordId },
        });
      }
      using lease = await from.deks.acquire({ dekId: record.dekId, context: record.context }, { signal });
      const { context, contentType, revision, epoch, createdAt } = record;
      const described = { recordId, context, contentType, ...(revision === undefined ? {} : { revision }) };
      const binding: RecordBinding = { ...described, epoch };
      return { ...described, payload: open(lease.dek, record.envelope, binding), createdAt, region: from.region };
    },
  };
}

async function find(
  regions: readonly ReadableRegion[],
  recordId: string,
  signal: AbortSignal | undefined,
): Promise<{ record: StoredRecord; from: ReadableRegion } | undefined> {
  for (const from of regions) {
    const record = await from.records.get(recordId, { signal });
    if (record) return { record, from };
  }
  return undefined;
}
