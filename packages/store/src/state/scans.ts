/** How far scans that never end have come, segment by segment; every write is conditional on what was read. */

import { randomUUID } from "node:crypto";
import { StoreError } from "../errors.ts";
import { requireKeyText } from "../items/keys.ts";
import { integer, map, text } from "../items/write-values.ts";
import type { ScanCheckpoint, ScanStore } from "./scan-types.ts";
import { open, type StateItem, stateKey } from "./state-items.ts";
import type { StateTable } from "./state-table.ts";

const maxSegments = 1_000_000;

export function createScans(table: StateTable): ScanStore {
  return {
    async getScan(name, options = {}) {
      return (await table.all(scanKind(name), options)).map((item) => readCheckpoint(item, name));
    },
    async saveScan(checkpoint, options = {}) {
      const next = { ...checkpoint, seq: checkpoint.seq + 1 };
      const write = randomUUID();
      const key = stateKey(scanKind(next.name), segmentId(next.segment));
      const item = { ...key, ...checkpointAttributes(next), write: text(write) };
      const value = checkpoint.seq === 0 ? undefined : checkpoint.seq;
      const saved = { kind: "saved", checkpoint: next } as const;
      if (await table.replaceWhere(item, { attribute: "seq", value }, options)) return saved;
      // A write whose answer was lost is sent again by the SDK and then meets itself; another's may say just the same.
      const stored = await table.get(key.kind.S, key.id.S, options);
      return stored?.write?.S === write ? saved : { kind: "lost" };
    },
  };
}

function scanKind(name: string): string {
  return `scan#${requireKeyText("a scan's name", name, 200)}`;
}

function segmentId({ index, of }: ScanCheckpoint["segment"]): string {
  const isSegment = Number.isInteger(of) && Number.isInteger(index) && of <= maxSegments && index >= 0 && index < of;
  if (!isSegment) {
    throw new StoreError("STORE_VALUE_INVALID", `a segment must be one of at most ${maxSegments}`);
  }
  return [of, index].map((number) => String(number).padStart(7, "0")).join("#");
}

function checkpointAttributes({ cursor, counts, startedAt, doneAt, seq }: ScanCheckpoint): StateItem {
  return {
    counts: map(counts, integer),
    startedAt: text(startedAt),
    seq: integer(seq),
    ...(cursor === undefined ? {} : { cursor: text(cursor) }),
    ...(doneAt === undefined ? {} : { doneAt: text(doneAt) }),
  };
}

function readCheckpoint(item: StateItem, name: string): ScanCheckpoint {
  const reader = open(item);
  const [, of, index] = /^(\d{7})#(\d{7})$/.exec(reader.text("id")) ?? [];
  if (of === undefined || index === undefined) throw reader.malformed("id");
  const cursor = reader.optionalText("cursor");
  const doneAt = reader.optionalText("doneAt");
  return {
    name,
    segment: { index: Number(index), of: Number(of) },
    ...(cursor === undefined ? {} : { cursor }),
    counts: reader.map("counts", ({ N: digits }) => countOf(digits)),
    startedAt: reader.text("startedAt"),
    ...(doneAt === undefined ? {} : { doneAt }),
    seq: reader.integer("seq", 1),
  };
}

function countOf(digits: string | undefined): number | undefined {
  const count = Number(digits);
  return digits !== undefined && Number.isSafeInteger(count) ? count : undefined;
}
