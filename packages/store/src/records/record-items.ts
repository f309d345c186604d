/**
 * The items of the `records` table: `head`, and `part#<sealId>#0001`… beside it
 * when the envelope outgrows an item.
 */

import { hash } from "node:crypto";
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { ENVELOPE_OVERHEAD_BYTES, MAX_PLAINTEXT_BYTES } from "@dekhand/envelope";
import { itemBytes } from "../items/item-bytes.ts";
import { type ItemReader, readItem } from "../items/item-reader.ts";
import { isKeyText, MAX_RECORD_ID_BYTES, requireKeyText } from "../items/keys.ts";
import { bytes, integer, text, textMap } from "../items/write-values.ts";
import type { RecordHead, RecordWrite, StoredRecord } from "./record-types.ts";
import type { HeadState } from "./revision-rules.ts";

type Item = Readonly<Record<string, AttributeValue>>;

export const headItemName = "head";
/** Envelope bytes in each part but the last. */
export const PART_BYTES = 380_000;
/** A head up to this size carries its envelope itself; the rest of 400 KB stays free for later attributes. */
export const MAX_HEAD_BYTES = 400_000;
const maxParts = 9_999;

export function recordKey(recordId: string, item: string) {
  return { recordId: text(requireKeyText("a record id", recordId, MAX_RECORD_ID_BYTES)), item: text(item) };
}

/** `number` counts from 1; the padding keeps the parts in order. */
export function partItemName(sealId: string, number: number): string {
  return `part#${sealId}#${String(number).padStart(4, "0")}`;
}

export type PartName = typeof partItemName;

/** A record that lost against the one that its head tells of: an item as the head, and its own parts. */
export function lostItemName(sealId: string): string {
  return `lost#${sealId}`;
}

export function lostPartName(sealId: string, number: number): string {
  return `${lostItemName(sealId)}#${String(number).padStart(4, "0")}`;
}

/** The attributes of a head, and how many parts its envelope needs: none when the head carries it. */
export interface HeadDraft {
  readonly attributes: Readonly<Record<string, AttributeValue>>;
  readonly parts: number;
}

export function draftHead(record: RecordWrite, createdAt: string): HeadDraft {
  const labels = {
    dekId: text(record.dekId),
    context: textMap(record.context),
    contentType: text(record.contentType),
    size: integer(record.size),
    digest: bytes(hash("sha256", record.envelope, "buffer")),
    sealId: text(record.sealId),
    jobId: text(record.jobId),
    epoch: integer(record.epoch),
    createdAt: text(createdAt),
    ...(record.revision === undefined ? {} : { revision: integer(record.revision) }),
  };
  const whole = { ...labels, parts: integer(0), envelope: bytes(record.envelope) };
  if (itemBytes({ ...recordKey(record.recordId, headItemName), ...whole }) <= MAX_HEAD_BYTES) {
    return { attributes: whole, parts: 0 };
  }
  const parts = Math.ceil(record.envelope.length / PART_BYTES);
  return { attributes: { ...labels, parts: integer(parts) }, parts };
}

export function* partItems(
  { recordId, sealId, envelope }: RecordWrite,
  nameOf: PartName = partItemName,
): Generator<Record<string, AttributeValue>> {
  for (let number = 1, from = 0; from < envelope.length; number += 1, from += PART_BYTES) {
    yield {
      ...recordKey(recordId, nameOf(sealId, number)),
      bytes: bytes(envelope.subarray(from, from + PART_BYTES)),
    };
  }
}

export function readPart(item: Item): { readonly name: string; readonly bytes: Buffer } {
  const { reader, name } = open(item);
  return { name, bytes: reader.bytes("bytes") };
}

/** What {@link readHeadState} needs; the envelope stays where it is. */
export const headStateAttributes = ["recordId", "item", "jobId", "sealId", "revision"] as const;

export function readHeadState(item: Item): HeadState & { readonly recordId: string } {
  const { reader, recordId } = open(item);
  return { recordId, ...identity(reader) };
}

export interface Head {
  readonly labels: Omit<StoredRecord, "envelope">;
  /** Bytes of the whole envelope, as the size implies. */
  readonly envelopeBytes: number;
  /** The envelope, or how many parts it is in. */
  readonly body:
    | { readonly kind: "inline"; readonly envelope: Buffer }
    | { readonly kind: "parts"; readonly count: number };
}

export function readHead(item: Item): Head {
  const { reader, recordId } = open(item);
  const labels = readLabels(reader, recordId);
  return { labels, envelopeBytes: labels.size + ENVELOPE_OVERHEAD_BYTES, body: readBody(reader) };
}

/** What {@link readRecordHead} needs: all but the envelope. */
export const headLabelAttributes = [
  ...headStateAttributes,
  "dekId",
  "context",
  "contentType",
  "epoch",
  "size",
  "digest",
  "createdAt",
  "parts",
] as const;

/** Every attribute of a head beside its key. */
export const headAttributes = [
  ...headLabelAttributes.filter((name) => name !== "recordId" && name !== "item"),
  "envelope",
];

export function readRecordHead(item: Item): RecordHead {
  const { reader, recordId } = open(item);
  return { ...readLabels(reader, recordId), parts: readParts(reader) };
}

function readLabels(reader: ItemReader, recordId: string): Head["labels"] {
  const size = reader.integer("size");
  if (size > MAX_PLAINTEXT_BYTES) throw reader.malformed("size");
  return {
    recordId,
    ...identity(reader),
    dekId: reader.text("dekId"),
    context: reader.textMap("context"),
    contentType: reader.text("contentType"),
    epoch: reader.integer("epoch"),
    size,
    digest: reader.bytes("digest", 32).toString("hex"),
    createdAt: reader.text("createdAt"),
  };
}

function readBody(reader: ItemReader): Head["body"] {
  const count = readParts(reader);
  const envelope = reader.optionalBytes("envelope");
  if ((count === 0) !== (envelope !== undefined)) throw reader.malformed("parts");
  return envelope ? { kind: "inline", envelope } : { kind: "parts", count };
}

function readParts(reader: ItemReader): number {
  const count = reader.integer("parts");
  if (count > maxParts) throw reader.malformed("parts");
  return count;
}

function identity(reader: ItemReader): HeadState {
  const revision = reader.optionalInteger("revision");
  const sealId = reader.text("sealId");
  if (!isKeyText(sealId, 100)) throw reader.malformed("sealId");
  return { jobId: reader.text("jobId"), sealId, ...(revision === undefined ? {} : { revision }) };
}

function open(item: Item): { reader: ItemReader; recordId: string; name: string } {
  const ids = { recordId: item.recordId?.S ?? "", item: item.item?.S ?? "" };
  const reader = readItem(item, { table: "records", ...ids });
  return { reader, recordId: reader.text("recordId"), name: reader.text("item") };
}
