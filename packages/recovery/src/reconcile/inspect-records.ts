/** Compares records of a home and a replica Region as a whole, mends what it can, and notes the rest as debt. */

import { isDeepStrictEqual } from "node:util";
import { ENVELOPE_OVERHEAD_BYTES } from "@dekhand/envelope";
import type { Profile } from "@dekhand/runtime";
import { type CallOptions, type RecordHead, type StoredRecord, StoreError } from "@dekhand/store";
import { judgeRecord } from "../replicate/judge-record.ts";
import type { FindingClass } from "./findings.ts";
import type { InspectOptions } from "./inspect-deks.ts";
import type { DebtIds } from "./known-debt.ts";
import { oweWhatIsMissing } from "./owe.ts";
import type { PassRun } from "./pass-run.ts";
import { type Repair, repairRecord } from "./repair.ts";

/** A record that home's table has, and whose profile the pass is about. */
export interface InspectedRecord {
  readonly recordId: string;
  /** Plaintext bytes, where the head can be read. */
  readonly size: number;
  readonly sealId?: string;
  readonly profile: Profile;
}

/** What a table has under a record id. */
type Found = StoredRecord | StoreError | undefined;

type Verdict =
  | { readonly kind: "arrived" | "gone" }
  | { readonly kind: "owe"; readonly class: FindingClass }
  | { readonly kind: "observe"; readonly class: FindingClass }
  | { readonly kind: "repair"; readonly class: FindingClass; readonly at: "home" | "target" }
  | { readonly kind: "settle"; readonly home: StoredRecord; readonly target: StoredRecord };

const chunkRecords = 100;
/** In each Region. One larger record is read by itself. */
const chunkBytes = 8 * 1024 * 1024;

/** Ids of records. */
export interface Inspected {
  /** The replica Region has them as home has them. */
  readonly arrived: ReadonlySet<string>;
  /** It lacks them, or has older ones, and is owed them. */
  readonly owed: ReadonlySet<string>;
}

/** Throws where a Region cannot be asked. */
export async function inspectRecords(
  run: PassRun,
  records: readonly InspectedRecord[],
  options: InspectOptions,
): Promise<Inspected> {
  const arrived = new Set<string>();
  const owed = new Set<string>();
  for (const chunk of inChunks(records)) {
    const ids = chunk.map(({ recordId }) => recordId);
    // The target first: home's is never the older reading then.
    const there = await run.target.stores.records.getMany(ids, options);
    const own = await run.home.stores.records.getMany(ids, options);
    const missing = new Map<string, { readonly record: InspectedRecord; readonly class: FindingClass }>();
    for (const record of chunk) {
      const { recordId } = record;
      const verdict = judge(own.get(recordId), there.get(recordId));
      if (verdict.kind === "owe") {
        missing.set(recordId, { record, class: verdict.class });
        owed.add(recordId);
      }
      if (await settle(run, record, verdict, options)) arrived.add(recordId);
    }
    await oweRecords(run, missing, options);
  }
  return { arrived, owed };
}

/** Throws an error that says nothing of the record. */
function judge(own: Found, there: Found): Verdict {
  for (const found of [own, there]) if (found instanceof StoreError && found.retryable) throw found;
  // It was there when its page was scanned: somebody has deleted it, or damaged it so that it cannot be found.
  if (own === undefined) return { kind: "gone" };
  if (own instanceof StoreError) return { kind: "repair", class: "record-damaged", at: "home" };
  if (there === undefined) return { kind: "owe", class: "record-missing" };
  if (there instanceof StoreError) return { kind: "repair", class: "record-damaged", at: "target" };
  if (own.sealId === there.sealId) {
    return isDeepStrictEqual(headOf(own), headOf(there))
      ? { kind: "arrived" }
      : { kind: "settle", home: own, target: there };
  }
  switch (judgeRecord(headOf(own), headOf(there))) {
    case "ahead":
      return { kind: "observe", class: "record-ahead" };
    case "contested":
      return { kind: "observe", class: "record-contested" };
    default:
      return { kind: "owe", class: "record-stale" };
  }
}

/** Whether the replica Region has the record now. */
async function settle(
  run: PassRun,
  record: InspectedRecord,
  verdict: Verdict,
  options: InspectOptions,
): Promise<boolean> {
  const { scope, deps, findings } = run;
  const { recordId, profile, sealId } = record;
  const report = (kind: FindingClass, region: string, repair: Repair | undefined): boolean => {
    const how = repair?.kind === "repaired" ? { from: repair.from } : repair ? { code: repair.code } : {};
    const outcome = repair?.kind ?? "observed";
    findings.add({ class: kind, outcome, region, profile: profile.name, recordId, ...how }, options.tally);
    return repair?.kind === "repaired";
  };
  switch (verdict.kind) {
    case "arrived":
      return true;
    case "gone":
    case "owe":
      return false;
    case "observe":
      report(verdict.class, scope.region, undefined);
      return false;
    case "repair": {
      const at = verdict.at === "home" ? scope.home : scope.region;
      if (deps.mode === "global") return report(verdict.class, at, undefined);
      const named = sealId === undefined && (await isOwed(run, recordId, options));
      // Home's cannot be read, and what the replica Region has may be the record before it.
      const repair: Repair = named
        ? { kind: "unrepaired", code: "RECOVERY_NOT_ARRIVED" }
        : await repairRecord(run, { recordId, profile, at, sealId }, options);
      return report(verdict.class, at, repair);
    }
    case "settle": {
      const { at, repair } = await settleRecord(run, record, { ...verdict, signal: options.signal });
      return report("record-differs", at, deps.mode === "global" ? undefined : repair);
    }
  }
}

/** Two records of one sealing that are not the same: the one that opens takes the place of the other. */
async function settleRecord(
  run: PassRun,
  { recordId, profile }: InspectedRecord,
  { home, target, signal }: CallOptions & { readonly home: StoredRecord; readonly target: StoredRecord },
): Promise<{ readonly at: string; readonly repair: Repair }> {
  const { scope, deps } = run;
  const sides = [
    { from: scope.home, at: scope.region, record: home },
    { from: scope.region, at: scope.home, record: target },
  ];
  let code = "RECOVERY_NO_SOURCE";
  for (const { from, at, record } of sides) {
    const why = await run.whyNotOpened(from, record, { signal });
    if (why !== undefined) {
      code = why;
      continue;
    }
    if (deps.mode === "global") return { at, repair: { kind: "unrepaired", code } };
    return { at, repair: await repairRecord(run, { recordId, profile, at, from }, { signal }) };
  }
  return { at: scope.home, repair: { kind: "unrepaired", code } };
}

async function isOwed(run: PassRun, recordId: string, options: CallOptions): Promise<boolean> {
  const { signal } = options;
  const unnamed = await run.debt.unnamed({ dekIds: [], recordIds: [recordId] }, { isAnew: true, signal });
  return unnamed.recordIds.length === 0;
}

async function oweRecords(
  run: PassRun,
  missing: ReadonlyMap<string, { readonly record: InspectedRecord; readonly class: FindingClass }>,
  { tally, signal }: InspectOptions,
): Promise<void> {
  const { region } = run.scope;
  const again = async ({ recordIds }: DebtIds) => {
    const there = await run.target.stores.records.getHeads(recordIds, { signal });
    const own = await run.home.stores.records.getHeads(recordIds, { signal });
    const isThere = (id: string) => own.heads.get(id)?.sealId === there.heads.get(id)?.sealId;
    return { dekIds: [], recordIds: recordIds.filter((id) => !isThere(id)) };
  };
  const owed = await oweWhatIsMissing(run, { dekIds: [], recordIds: [...missing.keys()] }, { tally, signal, again });
  for (const recordId of owed.recordIds) {
    const one = missing.get(recordId);
    if (!one) continue;
    const finding = { class: one.class, outcome: "owed", region, profile: one.record.profile.name, recordId } as const;
    run.findings.add(finding, tally);
  }
}

/** The labels alone; how many items an envelope is in follows from its size. */
function headOf({ envelope: _, ...labels }: StoredRecord): RecordHead {
  return { ...labels, parts: 0 };
}

function* inChunks(records: readonly InspectedRecord[]): Generator<InspectedRecord[]> {
  let chunk: InspectedRecord[] = [];
  let bytes = 0;
  for (const record of records) {
    const more = record.size + ENVELOPE_OVERHEAD_BYTES;
    if (chunk.length === chunkRecords || (chunk.length > 0 && bytes + more > chunkBytes)) {
      yield chunk;
      chunk = [];
      bytes = 0;
    }
    chunk.push(record);
    bytes += more;
  }
  if (chunk.length > 0) yield chunk;
}
