/**
 * What an envelope is bound to besides its header: the associated data of its
 * encryption. It is stored nowhere; whoever opens states it again.
 *
 * `dekhand/v1/record | header | record id | context | content type | revision | epoch`,
 * every variable part with its length in front (docs/envelope-format.md).
 */

import {
  checkBindingBytes,
  type EncryptionContext,
  LENGTH_BYTES,
  maxEntriesBytes,
  maxTextBytes,
  readEntries,
  writeEntries,
  writeText,
} from "./context.ts";
import { invalidInput } from "./errors.ts";
import { HEADER_BYTES } from "./format.ts";

/** Public facts that an envelope opens only together with. */
export interface RecordBinding {
  readonly recordId: string;
  readonly context: EncryptionContext;
  readonly contentType: string;
  /** 0 to 2^53 - 1. Without one is different from any, 0 included. */
  readonly revision?: number;
  /** 0 to 2^53 - 1: how often the profile's home has moved. */
  readonly epoch: number;
}

/**
 * The associated data of the envelope that starts with `header`. It may lie in memory that the next call writes to: use
 * it before anything else runs.
 *
 * @throws EnvelopeError `ENVELOPE_INPUT_INVALID`
 */
export function associatedData(header: Uint8Array, binding: RecordBinding): Buffer {
  // Everything is read before anything is written: a getter could seal another record in between.
  const { recordId, contentType, revision, epoch } = binding;
  const entries = readEntries(binding.context);
  requireText(recordId, "the record id");
  requireText(contentType, "the content type");
  if (revision !== undefined) requireCount(revision, "the revision");
  requireCount(epoch, "the epoch");

  const maxBytes = FIXED_BYTES + maxTextBytes(recordId) + maxTextBytes(contentType) + maxEntriesBytes(entries);
  const bytes = maxBytes <= scratch.length ? scratch : labelled(Buffer.allocUnsafeSlow(maxBytes));
  bytes.set(header.subarray(0, HEADER_BYTES), LABEL.length);
  let end = writeText(bytes, LABEL.length + HEADER_BYTES, recordId);
  const contextAt = end + LENGTH_BYTES;
  end = writeEntries(bytes, contextAt, entries);
  bytes.writeUInt32BE(end - contextAt, contextAt - LENGTH_BYTES);
  end = writeText(bytes, end, contentType);
  end = writeRevision(bytes, end, revision);
  end = writeCount(bytes, end, epoch);
  return bytes.subarray(0, checkBindingBytes(end));
}

const LABEL = Buffer.from("dekhand/v1/record", "latin1");
const COUNT_BYTES = 8;
const FIXED_BYTES = LABEL.length + HEADER_BYTES + LENGTH_BYTES + 1 + 2 * COUNT_BYTES;

// A fresh buffer for each record would cost as much as encoding it. Nothing in it is secret.
const scratch = labelled(Buffer.allocUnsafeSlow(8192));

function labelled(bytes: Buffer): Buffer {
  bytes.set(LABEL);
  return bytes;
}

function writeRevision(into: Buffer, at: number, revision: number | undefined): number {
  if (revision === undefined) return into.writeUInt8(0, at);
  return writeCount(into, into.writeUInt8(1, at), revision);
}

function writeCount(into: Buffer, at: number, count: number): number {
  into.writeUInt32BE(Math.floor(count / 2 ** 32), at);
  return into.writeUInt32BE(count % 2 ** 32, at + COUNT_BYTES / 2);
}

function requireText(value: unknown, what: string): void {
  if (typeof value !== "string") throw invalidInput(`${what} is not a string`);
}

function requireCount(value: unknown, what: string): void {
  if (!Number.isSafeInteger(value) || Number(value) < 0) throw invalidInput(`${what} is no integer from 0 to 2^53 - 1`);
}
