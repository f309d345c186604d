/** One record on its way under a new DEK: judged, read, sealed again, replaced where it still is what was read. */

import { type DekLease, DeksError } from "@dekhand/deks";
import { ENVELOPE_OVERHEAD_BYTES } from "@dekhand/envelope";
import { DekhandError } from "@dekhand/errors";
import type { Profile } from "@dekhand/runtime";
import type { CallOptions, RecordHead, Resealing, StoredRecord } from "@dekhand/store";
import type { Trouble, WrapFailure } from "../page-stop.ts";
import { acquireFresh } from "./acquire-fresh.ts";
import type { ByteRoom } from "./byte-room.ts";
import type { JudgeDek } from "./judge-dek.ts";
import { newDekUnfit } from "./new-dek-unfit.ts";
import type { ResealAccess } from "./reseal-access.ts";
import { birthTroubleOf, resealTroubleOf } from "./reseal-trouble.ts";
import { sealAgain } from "./seal-again.ts";

/**
 * - `resealed`: by this call.
 * - `other`: under a DEK that is not selected, or a copy of a record whose home is another Region.
 * - `conflict`: sealed by somebody else meanwhile; the next sweep tells under which DEK. `gone`: deleted meanwhile.
 * - `failed`: for a reason of its own.
 */
export type ResealedRecord =
  | {
      readonly kind: "resealed";
      /** The Regions that hold a copy of what was there before. */
      readonly replicas: readonly string[];
    }
  | { readonly kind: "other" | "conflict" | "gone" }
  | { readonly kind: "failed"; readonly failure: WrapFailure }
  | Exclude<Trouble, { readonly kind: "item" }>;

export interface ResealRecordDeps {
  readonly access: ResealAccess;
  readonly judge: JudgeDek;
  /** For envelopes. */
  readonly room: ByteRoom;
}

export interface ResealRecordOptions extends CallOptions {
  /** Aborted: nothing new is begun, but what was sealed is still stored. `signal` ends that, too. */
  readonly ending: AbortSignal;
}

/** Throws nothing but faults in the code. */
export async function resealRecord(
  head: RecordHead,
  deps: ResealRecordDeps,
  { signal, ending }: ResealRecordOptions,
): Promise<ResealedRecord> {
  const { region, records } = deps.access;
  try {
    const profile = await profileOf(head.dekId, deps, { signal: ending });
    if (profile?.home !== region) return { kind: "other" };
    // For as long as the envelope is in memory.
    using _ = await deps.room.take(head.size + ENVELOPE_OVERHEAD_BYTES, { signal: ending });
    const record = await records.get(head.recordId, { signal: ending });
    if (!record) return { kind: "gone" };
    // It may have a newer revision; if that is under the same DEK, it is as much the reseal's affair.
    if (record.dekId !== head.dekId) return { kind: "conflict" };
    const sealed = await underNewDek(record, profile, deps, { signal: ending });
    if (sealed.kind !== "sealed") return outcomeOf(sealed);
    const stored = await records.reseal(record, sealed.next, { signal });
    if (stored !== "replaced") return { kind: stored };
    return { kind: "resealed", replicas: Object.keys(profile.replicas) };
  } catch (error) {
    return ending.aborted ? { kind: "cancelled" } : outcomeOf(resealTroubleOf(error));
  }
}

function outcomeOf(trouble: Trouble): ResealedRecord {
  return trouble.kind === "item" ? { kind: "failed", failure: trouble.failure } : trouble;
}

/** The profile of a selected DEK; undefined where it is not selected. */
async function profileOf(
  dekId: string,
  { access, judge }: ResealRecordDeps,
  options: CallOptions,
): Promise<Profile | undefined> {
  const { region } = access;
  const judged = await judge(dekId, options);
  if (judged.kind !== "selected") {
    if (judged.kind === "other") return undefined;
    throw new DeksError("DEKS_NOT_FOUND", "no such DEK in this Region", { context: { dekId, region } });
  }
  const { profile: name } = judged.dek;
  const profile = await access.profile(name, options);
  if (profile) return profile;
  throw new DeksError("DEKS_PROFILE_UNKNOWN", "no such profile in the configuration", { context: { profile: name } });
}

/** All DEKs are had before the envelope is opened, so that no plaintext lies about while something is waited for. */
async function underNewDek(
  record: StoredRecord,
  profile: Profile,
  { access: { opening, sealing }, judge }: ResealRecordDeps,
  options: { readonly signal: AbortSignal },
): Promise<{ readonly kind: "sealed"; readonly next: Resealing } | Trouble> {
  const { dekId, context, size: bytes } = record;
  using old = await opening.acquire({ dekId, context }, options);
  let born: DekLease;
  try {
    born = await acquireFresh({ profile, context, bytes }, sealing, judge, options);
  } catch (error) {
    options.signal.throwIfAborted();
    return birthTroubleOf(error);
  }
  using fresh = born;
  using reread = await acquireReread(fresh.dek.id, record, opening, options);
  return { kind: "sealed", next: sealAgain(record, { old: old.dek, fresh: fresh.dek, reread: reread.dek }) };
}

/** The new DEK as its stored wrap gives it. One KMS call for each new DEK: before that, nothing else tells that it can be had. */
async function acquireReread(
  dekId: string,
  { context }: StoredRecord,
  opening: ResealAccess["opening"],
  options: { readonly signal: AbortSignal },
): Promise<DekLease> {
  try {
    return await opening.acquire({ dekId, context }, options);
  } catch (error) {
    options.signal.throwIfAborted();
    if (!(error instanceof DekhandError) || error.retryable) throw error;
    throw newDekUnfit("a new DEK cannot be had from the wrap that is stored of it", dekId, error);
  }
}
