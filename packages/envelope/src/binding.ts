/**
 * What an envelope is bound to besides its header: the associated data of its
 * encryption. It is stored nowhere; whoever opens states it again.
 *
 * `dekhand/v1/record | header | record id | context | content type | revision | epoch`,
 * every variable part with its length in front (docs/envelope-format.md).
 */

import {
  type ContextEntries,
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

/** A binding, read once and checked. */
export interface ReadBinding {
  readonly recordId: string;
  readonly entries: ContextEntries;
  readonly contentType: string;
  readonly revision: number | undefined;
  readonly epoch: number;
}

/**
 * Reads a binding. That may run code of the caller's (a getter, say), which could seal, dispose of a DEK or resize a
 * buffer: so it comes before everything else, and nothing else reads from the binding.
 *
 * @throws EnvelopeError `ENVELOPE_INPUT_INVALID`
 */
export function readBinding(binding: RecordBinding): ReadBinding {
  if (typeof binding !== "object" || binding === null) throw invalidInput("the binding is not an object");
  const { recordId, context, contentType, revision, epoch } = binding;
  const entries = readEntries(context);
  requireText(recordId, "the record id");
  requireText(contentType, "the content type");
  if (revision !== undefined) requireCount(revision, "the revision");
  requireCount(epoch, "the epoch");
  return { recordId, entries, contentType, revision, epoch };
}

/**
 * The associated data of the envelope that starts with `header`. It may lie in memory that the next call writes to: use
 * it before anything else runs.
 *
 * @throws EnvelopeError `ENVELOPE_INPUT_INVALID`
 */
export function associatedData(header: Uint8Array, binding: ReadBinding): Buffer {
  const { recordId, entries, contentType, revision, epoch } = binding;
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
