import type { SegmentCounts, WrapRef } from "@dekhand/store";

/** One line of a census: wraps of one store and Region that say the same. */
export interface CensusGroup {
  /** Absent: the store keeps no key ARN, or the wrap has none. */
  readonly keyArn?: string;
  readonly material?: string;
  /** Whether they say that the campaign the census is for swapped them. */
  readonly swapped: boolean;
  readonly count: number;
}

/** The counts of one segment or of many. */
export interface CensusTally {
  /** By key, material and whether they were swapped, in that order. */
  readonly groups: readonly CensusGroup[];
  /** Wraps whose labels are too long, or of too many kinds, to be told apart: a table may hold anything. */
  readonly unlisted: number;
  /** What cannot be read as a wrap. */
  readonly malformed: number;
}

/** Kinds that are told apart: about 200 bytes each, in an item of at most 400 KB. */
const maxGroups = 1_000;
/** Longer than any key ARN or material id. */
const maxLabelLength = 300;

const unlisted = "unlisted";
const malformed = "malformed";

/** Adds up pages; as counts of a segment's checkpoint it can be kept and gone on with. */
export function createTally(from: SegmentCounts = {}) {
  const counts = new Map(Object.entries(from));
  const add = (key: string, count: number) => {
    const known = counts.has(key) || counts.size < maxGroups || key === unlisted || key === malformed;
    const place = known ? key : unlisted;
    counts.set(place, (counts.get(place) ?? 0) + count);
  };
  return {
    addWrap({ keyArn, material, campaign }: WrapRef, campaignId: string | undefined) {
      const isLong = [keyArn, material].some((label) => label !== undefined && label.length > maxLabelLength);
      const swapped = campaignId !== undefined && campaign === campaignId;
      add(isLong ? unlisted : JSON.stringify([keyArn ?? null, material ?? null, swapped]), 1);
    },
    addMalformed(count: number) {
      if (count > 0) add(malformed, count);
    },
    addCounts(more: SegmentCounts) {
      for (const [key, count] of Object.entries(more)) add(key, count);
    },
    counts: (): SegmentCounts => Object.fromEntries(counts),
  };
}

/** Whether counts of that name are a census's; others may stand beside them. */
export function isTallyKey(name: string): boolean {
  return name.startsWith("[") || name === unlisted || name === malformed;
}

/** What counts of a census say. Counts of other names are passed over. */
export function readTally(counts: SegmentCounts): CensusTally {
  const groups = Object.entries(counts)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([key, count]) => readGroup(key, count) ?? []);
  return { groups, unlisted: counts[unlisted] ?? 0, malformed: counts[malformed] ?? 0 };
}

function readGroup(key: string, count: number): CensusGroup | undefined {
  if (!key.startsWith("[")) return undefined;
  const [keyArn, material, swapped]: readonly unknown[] = JSON.parse(key);
  return {
    ...(typeof keyArn === "string" ? { keyArn } : {}),
    ...(typeof material === "string" ? { material } : {}),
    swapped: swapped === true,
    count,
  };
}
