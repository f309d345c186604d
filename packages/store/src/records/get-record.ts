/**
 * Reads one record as it is now.
 *
 * A record of several parts may be replaced while it is read: its old parts may
 * then be gone, so a reader that misses one reads the head again, and starts
 * over when that names another sealing. What the table says is checked against
 * the digest; whether it is authentic, the envelope itself will tell.
 */

import { hash } from "node:crypto";
import { type DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { batchGet } from "../dynamodb/batch-get.ts";
import type { CallOptions } from "../dynamodb/call-options.ts";
import { request } from "../dynamodb/request.ts";
import { StoreError, type StoreErrorCode } from "../errors.ts";
import { type Head, headItemName, type PartName, partItemName, readHead, readPart, recordKey } from "./record-items.ts";
import type { StoredRecord } from "./record-types.ts";

export interface RecordSource {
  readonly client: DynamoDBClient;
  readonly table: string;
}

/** How often a record may be replaced under a reader before it gives up with STORE_CONTENDED. */
const maxReplacements = 8;

export async function getRecord(
  source: RecordSource,
  recordId: string,
  options: CallOptions,
): Promise<StoredRecord | undefined> {
  let head = await getHeadItem(source, recordId, headItemName, options);
  for (let replaced = 0; replaced <= maxReplacements; replaced += 1) {
    if (head === undefined) return undefined;
    const envelope = await readEnvelope(source, head, partItemName, options);
    if (envelope) return assemble(head, envelope);
    const now = await getHeadItem(source, recordId, headItemName, options);
    if (now?.labels.sealId === head.labels.sealId) throw partMissing(head);
    head = now;
  }
  throw new StoreError("STORE_CONTENDED", "the record kept changing while it was being read", {
    retryable: true,
    context: { recordId },
  });
}

/** An item that is as a head is. */
export async function getHeadItem(
  { client, table }: RecordSource,
  recordId: string,
  item: string,
  options: CallOptions,
): Promise<Head | undefined> {
  const command = new GetItemCommand({ TableName: table, Key: recordKey(recordId, item), ConsistentRead: true });
  const { Item } = await request("GetItem", options, (http) => client.send(command, http));
  return Item && readHead(Item);
}

/** Undefined when a part is missing. */
export async function readEnvelope(
  { client, table }: RecordSource,
  head: Head,
  nameOf: PartName,
  options: CallOptions,
): Promise<Buffer | undefined> {
  if (head.body.kind === "inline") return head.body.envelope;
  const { recordId, sealId } = head.labels;
  const names = Array.from({ length: head.body.count }, (_, index) => nameOf(sealId, index + 1));
  const keys = names.map((name) => recordKey(recordId, name));
  const parts = new Map<string, Buffer>();
  for (const item of await batchGet(client, table, keys, options)) {
    const part = readPart(item);
    parts.set(part.name, part.bytes);
  }
  const inOrder = names.flatMap((name) => parts.get(name) ?? []);
  return inOrder.length === names.length ? Buffer.concat(inOrder) : undefined;
}

/** Throws STORE_RECORD_DAMAGED. */
export function assemble({ labels, envelopeBytes }: Head, envelope: Buffer): StoredRecord {
  const digest = hash("sha256", envelope, "hex");
  if (envelope.length !== envelopeBytes || digest !== labels.digest) {
    throw recordError("STORE_RECORD_DAMAGED", "the envelope is not the one that its head describes", labels);
  }
  return { ...labels, envelope };
}

export function partMissing({ labels }: Head): StoreError {
  return recordError("STORE_PART_MISSING", "a part of the record is missing", labels);
}

function recordError(code: StoreErrorCode, message: string, { recordId, sealId }: Head["labels"]) {
  return new StoreError(code, message, { context: { recordId, sealId } });
}
