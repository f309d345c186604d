/**
 * Puts a healthy Region's DEK, wrap or record in the place of one that is
 * damaged or gone, wherever that is: at home as in a replica Region. What a
 * repair writes, replicateBatch writes, from the healthy Region to the other.
 */

import { DekhandError } from "@dekhand/errors";
import { type Profile, regionsOf } from "@dekhand/runtime";
import type { CallOptions, StoredWrap } from "@dekhand/store";
import { replicateBatch } from "../replicate/replicate-batch.ts";
import type { Ids, ReplicateRequest } from "../replicate/replicate-types.ts";
import type { PassRun } from "./pass-run.ts";

export type Repair =
  | { readonly kind: "repaired"; readonly from: string }
  /** No Region had a healthy one, or it could not be put there. */
  | { readonly kind: "unrepaired"; readonly code: string };

export interface DekRepair {
  readonly dekId: string;
  readonly profile: Profile;
  readonly at: string;
  /** The wrap there that is to be replaced, where one is there that can be read. */
  readonly condemned?: StoredWrap | undefined;
}

export interface RecordRepair {
  readonly recordId: string;
  readonly profile: Profile;
  readonly at: string;
  /** Of the record that is damaged, where that can be told: another one would be an older or a newer record. */
  readonly sealId?: string | undefined;
  /** The Region to take it from. Default: the first one that has a healthy one, home before all. */
  readonly from?: string | undefined;
}

/** Wraps that turn out to be damaged as well, one after the other. */
const maxTries = 3;

/** Throws the signal's reason, and RECOVERY_PROBE_STOPPED. */
export async function repairDek(run: PassRun, repair: DekRepair, options: CallOptions): Promise<Repair> {
  const { dekId, at } = repair;
  const { signal } = options;
  return fromEach(repair, async (source) => {
    const found = (await run.deps.regionOf(source).stores.deks.getMany([dekId], source, options)).get(dekId);
    if (!found?.dek || !found.wrap) return "RECOVERY_DEK_MISSING";
    if ((await run.prove(found.wrap, options)) !== "genuine") return "DEKS_UNWRAP_REFUSED";
    let { condemned } = repair;
    for (let tries = 1; tries <= maxTries; tries += 1) {
      const replaced = condemned ? { condemned: new Map([[dekId, condemned.blob]]) } : {};
      const ids = { region: at, dekIds: [dekId], recordIds: [], ...replaced };
      const failure = await copyFrom(run, ids, { source, signal });
      if (failure !== undefined) return failure;
      condemned = await damagedWrap(run, repair, options);
      if (!condemned) return undefined;
    }
    return "DEKS_UNWRAP_REFUSED";
  });
}

/** Throws the signal's reason. */
export async function repairRecord(run: PassRun, repair: RecordRepair, options: CallOptions): Promise<Repair> {
  const { recordId, sealId, at } = repair;
  const { signal } = options;
  return fromEach(repair, async (source) => {
    const record = await run.deps.regionOf(source).stores.records.get(recordId, options);
    if (!record) return "RECOVERY_NO_SOURCE";
    if (sealId !== undefined && record.sealId !== sealId) return "RECOVERY_NOT_ARRIVED";
    return copyFrom(run, { region: at, dekIds: [], recordIds: [recordId], wholeRecords: true }, { source, signal });
  });
}

/** Tries one Region after the other; `attempt` answers with the code of what was wrong there. */
async function fromEach(
  { at, profile, from }: { readonly at: string; readonly profile: Profile; readonly from?: string | undefined },
  attempt: (source: string) => Promise<string | undefined>,
): Promise<Repair> {
  let code = "RECOVERY_NO_SOURCE";
  for (const source of from === undefined ? regionsOf(profile) : [from]) {
    if (source === at) continue;
    try {
      const failure = await attempt(source);
      if (failure === undefined) return { kind: "repaired", from: source };
      code = failure;
    } catch (error) {
      if (!(error instanceof DekhandError) || error.code === "RECOVERY_PROBE_STOPPED") throw error;
      code = error.code;
    }
  }
  return { kind: "unrepaired", code };
}

async function damagedWrap(run: PassRun, { dekId, at }: DekRepair, options: CallOptions) {
  const wrap = (await run.deps.regionOf(at).stores.deks.getMany([dekId], at, options)).get(dekId)?.wrap;
  return wrap && (await run.prove(wrap, options)) === "damaged" ? wrap : undefined;
}

/** The code of what failed; undefined: it has arrived. */
async function copyFrom(
  { deps }: PassRun,
  request: ReplicateRequest,
  { source, signal }: CallOptions & { readonly source: string },
): Promise<string | undefined> {
  const { profiles, keys, bridges, logger, regionOf, clock } = deps;
  // Without `homes`: the healthy Region counts as the home of what it has.
  const between = { home: regionOf(source), target: regionOf(request.region), mode: "regional" as const };
  const shared = { profiles, keys, bridges, logger, ...(clock === undefined ? {} : { clock }) };
  const { arrived, failed } = await replicateBatch(request, { ...shared, ...between }, { signal });
  if (failed[0]) return failed[0].code;
  const count = ({ dekIds, recordIds }: Ids) => dekIds.length + recordIds.length;
  return count(arrived) === count(request) ? undefined : "RECOVERY_CONTENDED";
}
