/** A campaign's segments: each has one owner at a time, and whoever lost it cannot write over the next one's work. */

import type { CallOptions } from "../dynamodb/call-options.ts";
import { StoreError } from "../errors.ts";
import { integer, text } from "../items/write-values.ts";
import { campaignKey, requireCampaignId, segmentItemName } from "./campaign-keys.ts";
import { type CampaignTable, notFound, untilWritten } from "./campaign-table.ts";
import { countsValue, newSegmentAttributes, readSegment } from "./segment-items.ts";
import type { CheckpointOutcome, NewSegment, Segment, SegmentClaim, SegmentProgress } from "./segment-types.ts";

/** See `CampaignStore.createSegments`. */
export async function createSegments(
  table: CampaignTable,
  id: string,
  segments: readonly NewSegment[],
  options: CallOptions,
): Promise<void> {
  const keyOf = ({ number }: NewSegment) => campaignKey(id, segmentItemName(number));
  const inserted = await table.writeAll(
    segments.map((segment) => ({ kind: "insert", key: keyOf(segment), item: newSegmentAttributes(segment) })),
    options,
  );
  const there = segments.filter((_, position) => !inserted[position]);
  const found = new Map(
    (await table.getAll(there.map(keyOf), options)).map(readSegment).map((one) => [one.number, one]),
  );
  for (const segment of there) {
    const stored = found.get(segment.number);
    if (stored && rangeOf(stored) === rangeOf(segment)) continue;
    throw new StoreError("STORE_SEGMENT_EXISTS", "a segment of that number exists with another range", {
      context: { campaignId: id, segment: segment.number },
    });
  }
}

export async function getSegment(
  table: CampaignTable,
  id: string,
  number: number,
  options: CallOptions,
): Promise<Segment | undefined> {
  const item = await table.get(requireCampaignId(id), segmentItemName(number), options);
  return item && readSegment(item);
}

/** See `CampaignStore.claimSegment`. */
export function claimSegment(
  table: CampaignTable,
  id: string,
  number: number,
  { owner, at }: { readonly owner: string; readonly at: string },
  options: CallOptions,
): Promise<SegmentClaim> {
  return untilWritten(async () => {
    const found = await getSegment(table, id, number, options);
    if (!found) throw notFound(id, segmentItemName(number));
    if (found.state === "done") return { kind: "done", segment: found };
    // A write whose answer was lost is sent again by the SDK and then meets itself.
    if (found.owner === owner) return { kind: "claimed", segment: found };
    const segment: Segment = { ...found, owner, seq: found.seq + 1, updatedAt: at };
    const done = await table.write(
      {
        kind: "update",
        key: campaignKey(id, segmentItemName(number)),
        when: { seq: integer(found.seq) },
        set: { owner: text(owner), seq: integer(segment.seq), updatedAt: text(at) },
      },
      options,
    );
    return done ? { kind: "claimed", segment } : undefined;
  });
}

/** See `CampaignStore.checkpoint`. */
export async function saveCheckpoint(
  table: CampaignTable,
  segment: Segment,
  progress: SegmentProgress,
  options: CallOptions,
): Promise<CheckpointOutcome> {
  const { campaignId, number, owner, seq } = segment;
  if (owner === undefined)
    throw new StoreError("STORE_VALUE_INVALID", "a checkpoint is saved by who claimed the segment");
  const { cursor, counts, done, at } = progress;
  const { cursor: before, ...rest } = segment;
  const next: Segment = {
    ...rest,
    state: done ? "done" : "open",
    seq: seq + 1,
    ...(cursor === undefined ? {} : { cursor }),
    counts,
    updatedAt: at,
  };
  const saved = await table.write(
    {
      kind: "update",
      key: campaignKey(campaignId, segmentItemName(number)),
      when: { seq: integer(seq), owner: text(owner) },
      set: {
        state: text(next.state),
        seq: integer(next.seq),
        counts: countsValue(counts),
        updatedAt: text(at),
        ...(cursor === undefined ? {} : { cursor: text(cursor) }),
      },
      ...(cursor === undefined && before !== undefined ? { remove: ["cursor"] } : {}),
    },
    options,
  );
  if (saved) return { kind: "saved", segment: next };
  // A write whose answer was lost is sent again by the SDK and then meets itself.
  const found = await getSegment(table, campaignId, number, options);
  return found?.owner === owner && found.seq === next.seq ? { kind: "saved", segment: next } : { kind: "lost" };
}

function rangeOf({ sweep, phase, store, region, index, of }: NewSegment): string {
  return JSON.stringify([sweep, phase, store, region, index, of]);
}
