/**
 * What each sweep of a pass looks at, page by page. The first two go through what
 * home has. The other two go through what the replica Region has, for what home
 * has lost: nobody deletes a DEK or a record of Dekhand's.
 */

import { isDekId } from "@dekhand/envelope";
import type { CallOptions, RecordHead } from "@dekhand/store";
import type { DekBook } from "./dek-book.ts";
import type { InspectOptions } from "./inspect-deks.ts";
import type { PassRun } from "./pass-run.ts";
import type { SweepName } from "./reconcile-types.ts";
import { repairRecord } from "./repair.ts";
import type { LookAtPage, PageRequest } from "./run-sweep.ts";
import { sweepRecords } from "./sweep-records.ts";
import { isRecordId } from "./usable-ids.ts";

export function lookFor(run: PassRun, book: DekBook): Readonly<Record<SweepName, LookAtPage>> {
  return {
    async deks({ tally, signal, ...page }) {
      const { wraps, malformed, cursor } = await run.home.wraps.scan(page.segment, scanOf(page, signal));
      const ids = [...wraps, ...malformed].map(({ id }) => id);
      for (const { profile, arrived, isOwed } of (await book.inspect(ids, { tally, signal })).values()) {
        if (!profile) continue;
        tally.add(`deks/${profile.name}`);
        if (arrived) tally.add(`deksArrived/${profile.name}`);
        else if (!isOwed) tally.add(`lacking/deks/${profile.name}`);
      }
      return next(ids.length, cursor);
    },
    async records({ tally, signal, ...page }) {
      const { heads, malformed, cursor } = await run.home.stores.records.scanHeads(page.segment, scanOf(page, signal));
      const scanned = [...heads, ...malformed];
      await sweepRecords(run, book, { scanned, tally, signal });
      return next(scanned.length, cursor);
    },
    async "back-deks"({ tally, signal, ...page }) {
      const { wraps, malformed, cursor } = await run.target.wraps.scan(page.segment, scanOf(page, signal));
      const ids = [...wraps, ...malformed].map(({ id }) => id);
      const lost = await lostAtHome(run, ids, { signal });
      await book.inspect(lost, { tally, signal });
      return next(ids.length, cursor);
    },
    async "back-records"({ tally, signal, ...page }) {
      const { heads, cursor } = await run.target.stores.records.scanHeads(page.segment, scanOf(page, signal));
      const usable = heads.filter(({ recordId, dekId }) => isRecordId(recordId) && isDekId(dekId));
      await bringBack(run, book, usable, { tally, signal });
      return next(heads.length, cursor);
    },
  };
}

function scanOf({ cursor }: Pick<PageRequest, "cursor">, signal: AbortSignal) {
  return { signal, ...(cursor === undefined ? {} : { cursor }) };
}

function next(looked: number, cursor: string | undefined) {
  return { looked, ...(cursor === undefined ? {} : { cursor }) };
}

async function lostAtHome({ home, scope }: PassRun, ids: readonly string[], options: CallOptions): Promise<string[]> {
  const usable = ids.filter(isDekId);
  const own = await home.stores.deks.getMany(usable, scope.home, options);
  return usable.filter((id) => own.get(id)?.dek === undefined || own.get(id)?.wrap === undefined);
}

/** Records that the replica Region has and home does not. */
async function bringBack(
  run: PassRun,
  book: DekBook,
  heads: readonly RecordHead[],
  options: InspectOptions,
): Promise<void> {
  const { scope, home, findings } = run;
  const ids = heads.map(({ recordId }) => recordId);
  const own = await home.stores.records.getHeads(ids, options);
  const unreadable = new Set(own.malformed.map(({ recordId }) => recordId));
  const lost = heads.filter(({ recordId }) => !own.heads.has(recordId) && !unreadable.has(recordId));
  const standings = await book.standings(
    lost.map(({ dekId }) => dekId),
    options,
  );
  for (const { recordId, dekId, sealId } of lost) {
    const profile = standings.get(dekId)?.profile;
    if (!profile) continue;
    const repair = await repairRecord(run, { recordId, profile, at: scope.home, sealId, from: scope.region }, options);
    const how = repair.kind === "repaired" ? { from: repair.from } : { code: repair.code };
    const finding = { class: "record-missing", outcome: repair.kind, region: scope.home, recordId } as const;
    findings.add({ ...finding, profile: profile.name, ...how }, options.tally);
  }
}
