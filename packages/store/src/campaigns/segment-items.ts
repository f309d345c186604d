import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { readItem } from "../items/item-reader.ts";
import { integer, map, text } from "../items/write-values.ts";
import type { CampaignItem } from "./campaign-keys.ts";
import { type NewSegment, SEGMENT_PHASES, type Segment, type SegmentCounts } from "./segment-types.ts";

/** What a segment holds before anybody has claimed it. */
export function newSegmentAttributes(segment: NewSegment) {
  return {
    number: integer(segment.number),
    sweep: integer(segment.sweep),
    phase: text(segment.phase),
    store: text(segment.store),
    region: text(segment.region),
    index: integer(segment.index),
    of: integer(segment.of),
    state: text("open"),
    seq: integer(0),
    counts: countsValue({}),
    updatedAt: text(""),
  };
}

export function countsValue(counts: SegmentCounts): AttributeValue {
  return map(counts, integer);
}

export function readSegment(item: CampaignItem): Segment {
  const campaignId = item.campaignId?.S ?? "";
  const reader = readItem(item, { table: "campaigns", campaignId, item: item.item?.S ?? "" });
  const owner = reader.optionalText("owner");
  const cursor = reader.optionalText("cursor");
  return {
    campaignId,
    number: reader.integer("number", 1),
    sweep: reader.integer("sweep", 1),
    phase: reader.choice("phase", SEGMENT_PHASES),
    store: reader.text("store"),
    region: reader.text("region"),
    index: reader.integer("index"),
    of: reader.integer("of", 1),
    state: reader.choice("state", ["open", "done"]),
    seq: reader.integer("seq"),
    ...(owner === undefined ? {} : { owner }),
    ...(cursor === undefined ? {} : { cursor }),
    counts: reader.map("counts", countOf),
    updatedAt: reader.text("updatedAt"),
  };
}

function countOf({ N: digits }: AttributeValue): number | undefined {
  return digits !== undefined && /^\d{1,15}$/.test(digits) ? Number(digits) : undefined;
}
