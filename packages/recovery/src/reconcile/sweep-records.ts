import { isDekId } from "@dekhand/envelope";
import type { MalformedHead, RecordHead } from "@dekhand/store";
import type { DekBook } from "./dek-book.ts";
import type { DekStanding, InspectOptions } from "./inspect-deks.ts";
import { type InspectedRecord, inspectRecords } from "./inspect-records.ts";
import { seekLostDeks } from "./lost-deks.ts";
import type { PassRun } from "./pass-run.ts";
import { isRecordId } from "./usable-ids.ts";

type ScannedHead = RecordHead | MalformedHead;

/** One page of home's records: each is told by its DEK whose it is. */
export async function sweepRecords(
  run: PassRun,
  book: DekBook,
  { scanned, ...options }: InspectOptions & { readonly scanned: readonly ScannedHead[] },
): Promise<void> {
  const heads = scanned.filter(({ recordId }) => isRecordId(recordId));
  const standingOf = await standingsOf(run, book, { heads, ...options });
  const records: InspectedRecord[] = heads.flatMap((head) => {
    const profile = standingOf.get(head.recordId)?.profile;
    return profile ? [{ recordId: head.recordId, profile, ...knownOf(head) }] : [];
  });
  const { arrived, owed } = await inspectRecords(run, records, options);
  for (const { recordId, profile } of records) {
    options.tally.add(`records/${profile.name}`);
    const standing = standingOf.get(recordId);
    const isComing = (arrived.has(recordId) || owed.has(recordId)) && (standing?.arrived || standing?.isOwed);
    if (!isComing) options.tally.add(`lacking/records/${profile.name}`);
    if (!arrived.has(recordId)) continue;
    if (standing?.arrived) options.tally.add(`recordsArrived/${profile.name}`);
    // The debt that names its DEK is all that it waits for.
    else if (standing?.isAwaited) options.tally.add("known");
  }
}

/** How the records' DEKs stand, by record id. */
async function standingsOf(
  run: PassRun,
  book: DekBook,
  { heads, ...options }: InspectOptions & { readonly heads: readonly ScannedHead[] },
): Promise<ReadonlyMap<string, DekStanding>> {
  const dekOf = new Map<string, string>();
  for (const { recordId, dekId } of heads) if (dekId !== undefined && isDekId(dekId)) dekOf.set(recordId, dekId);
  const found = await book.standings([...dekOf.values()], options);
  const isDoubtful = (recordId: string) => found.get(dekOf.get(recordId) ?? "")?.isNowhere ?? !dekOf.has(recordId);
  const doubtful = heads.map(({ recordId }) => recordId).filter(isDoubtful);
  if (doubtful.length > 0) {
    // Home's head cannot be read, or names a DEK that is not there: what does the replica Region's say?
    const there = await run.target.stores.records.getHeads(doubtful, options);
    for (const { recordId, dekId } of there.heads.values()) if (isDekId(dekId)) dekOf.set(recordId, dekId);
  }
  const standings = await book.standings([...dekOf.values()], options);
  const nowhere = [...standings].flatMap(([dekId, { isNowhere }]) => (isNowhere ? [dekId] : []));
  await seekLostDeks(run, book.unseen(nowhere), options);
  return new Map(
    [...dekOf].map(([recordId, dekId]) => [recordId, standings.get(dekId) ?? { arrived: false }] as const),
  );
}

function knownOf(head: ScannedHead): Pick<InspectedRecord, "size" | "sealId"> {
  return "sealId" in head ? { size: head.size, sealId: head.sealId } : { size: 0 };
}
