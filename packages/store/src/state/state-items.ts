/**
 * The items of the `state` table: partition `kind`, sort `id`, so that each kind
 * is listed by queries and nothing is ever scanned.
 *
 * A partition takes 1,000 writes a second. Transit keys are rare; heartbeats come once per worker and interval, so 10,000 workers at one in 10 s
 * fill theirs; quarantine may take a flood of bad jobs and is spread over shards.
 */

import { createHash } from "node:crypto";
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { bytesOf, mapOf, readItem, textOf } from "../items/item-reader.ts";
import { MAX_SORT_KEY_BYTES, requireKeyText } from "../items/keys.ts";
import { bytes, map, text, textMap } from "../items/write-values.ts";
import type { Heartbeat, QuarantineEntry, TransitKey, TransitKeyWrap } from "./state-types.ts";

export type StateItem = Readonly<Record<string, AttributeValue>>;

export const transitKind = "transit";
export const heartbeatKind = "heartbeat";
export const QUARANTINE_SHARDS = 8;

export function quarantineKind(shard: number): string {
  return `quarantine#${shard}`;
}

/** An entry's shard follows from its id, so it is found again without a search. */
export function quarantineShard(id: string): number {
  return createHash("sha256").update(id).digest().readUInt32BE(0) % QUARANTINE_SHARDS;
}

export function stateKey(kind: string, id: string) {
  return { kind: text(kind), id: text(requireKeyText("an id", id, MAX_SORT_KEY_BYTES)) };
}

const wrapLabels = ["material", "campaign", "wrappedAt"] as const;

export function transitWrapValue(wrap: TransitKeyWrap): AttributeValue.MMember {
  const members: Record<string, AttributeValue> = { keyArn: text(wrap.keyArn), blob: bytes(wrap.blob) };
  for (const name of wrapLabels) {
    const label = wrap[name];
    if (label !== undefined) members[name] = text(label);
  }
  return { M: members };
}

function wrapOf({ M: members }: AttributeValue): TransitKeyWrap | undefined {
  const keyArn = members?.keyArn?.S;
  const blob = members?.blob && bytesOf(members.blob);
  if (keyArn === undefined || !blob) return undefined;
  const labels: Partial<Record<(typeof wrapLabels)[number], string>> = {};
  for (const name of wrapLabels) {
    const label = members[name];
    if (label?.S !== undefined) labels[name] = label.S;
    else if (label !== undefined) return undefined;
  }
  return { keyArn, blob, ...labels };
}

export function transitItem(key: TransitKey): StateItem {
  return {
    ...stateKey(transitKind, key.id),
    publicKey: bytes(key.publicKey),
    wraps: map(key.wraps, transitWrapValue),
    status: text(key.status),
    createdAt: text(key.createdAt),
  };
}

export function readTransitKey(item: StateItem): TransitKey {
  const reader = open(item);
  return {
    id: reader.text("id"),
    publicKey: reader.bytes("publicKey"),
    wraps: reader.map("wraps", wrapOf),
    status: reader.choice("status", ["active", "retired"]),
    createdAt: reader.text("createdAt"),
  };
}

/** A reason is a sentence; whatever is longer is cut, since an entry that cannot be written helps nobody. */
const maxMessageLength = 2_000;

export function quarantineItem(entry: QuarantineEntry): StateItem {
  const { id, source, queue, jobId, recordId, code, message, digest, at } = entry;
  return {
    ...stateKey(quarantineKind(quarantineShard(id)), id),
    source: text(source),
    queue: text(queue),
    code: text(code),
    message: text(message.slice(0, maxMessageLength).toWellFormed()),
    at: text(at),
    ...(jobId === undefined ? {} : { jobId: text(jobId) }),
    ...(recordId === undefined ? {} : { recordId: text(recordId) }),
    ...(digest === undefined ? {} : { digest: text(digest) }),
  };
}

export function readQuarantine(item: StateItem): QuarantineEntry {
  const reader = open(item);
  const jobId = reader.optionalText("jobId");
  const recordId = reader.optionalText("recordId");
  const digest = reader.optionalText("digest");
  return {
    id: reader.text("id"),
    source: reader.text("source"),
    queue: reader.text("queue"),
    code: reader.text("code"),
    message: reader.text("message"),
    at: reader.text("at"),
    ...(jobId === undefined ? {} : { jobId }),
    ...(recordId === undefined ? {} : { recordId }),
    ...(digest === undefined ? {} : { digest }),
  };
}

export function heartbeatItem(heartbeat: Heartbeat): StateItem {
  return {
    ...stateKey(heartbeatKind, heartbeat.workerId),
    service: text(heartbeat.service),
    version: text(heartbeat.version),
    at: text(heartbeat.at),
    keys: map(heartbeat.keys, textMap),
  };
}

export function readHeartbeat(item: StateItem): Heartbeat {
  const reader = open(item);
  return {
    workerId: reader.text("id"),
    service: reader.text("service"),
    version: reader.text("version"),
    at: reader.text("at"),
    keys: reader.map("keys", (regions) => mapOf(regions, textOf)),
  };
}

/** Its attributes, checked as they are read. */
export function open(item: StateItem) {
  return readItem(item, { table: "state", kind: item.kind?.S ?? "", id: item.id?.S ?? "" });
}
