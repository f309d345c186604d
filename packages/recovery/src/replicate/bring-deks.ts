/**
 * Brings DEKs and their wraps into a replica Region: the wrap first, so that
 * there is never a DEK without one, then the DEK. Afterwards home's copy of the
 * wrap is made what the target has, which is the truth for that Region.
 *
 * With global tables, wraps are written at home, and the tables carry all else.
 */

import { isDeepStrictEqual } from "node:util";
import type { ReplicaWrap, ReplicaWrapDeps } from "@dekhand/deks";
import { type Clock, deadlineIn, waitFor } from "@dekhand/runtime";
import type { CallOptions, CopyOutcome, DekCopy, WrapCopy } from "@dekhand/store";
import { RecoveryError } from "../errors.ts";
import { expectedAt, isSameWrap } from "./judge-wrap.ts";
import { obtainWrap } from "./obtain-wrap.ts";
import { type Failed, failedWith, type Outcome } from "./outcomes.ts";
import { type DekPlan, expectedWrap, planDek } from "./plan-dek.ts";
import { readDeks } from "./read-deks.ts";
import type { ReplicateDeps, ReplicateRequest } from "./replicate-types.ts";
import { sideBySide } from "./side-by-side.ts";
import { startWrapTime, type WrapTime } from "./wrap-time.ts";
import type { WrapSession, WrapsInHand } from "./wraps-in-hand.ts";

export interface BringDeksDeps extends ReplicateDeps {
  readonly replicaWraps: ReplicaWrapDeps;
  readonly wrapsInHand: WrapsInHand;
  readonly clock: Clock;
}

type BringRequest = Pick<ReplicateRequest, "region" | "condemned">;

/** DEKs read, made and written together: their wraps are durable within one time, see wrap-time.ts. */
const chunkDeks = 50;
const wrapsAtOnce = 8;
/** Readings of a wrap that somebody else keeps changing. */
const maxRounds = 4;

/** Every DEK's outcome; `arrived`: the target has DEK and wrap, or its global table will. Throws where no table can be read. */
export async function bringDeks(
  dekIds: readonly string[],
  request: BringRequest,
  deps: BringDeksDeps,
  options: CallOptions,
): Promise<Map<string, Outcome>> {
  const outcomes = new Map<string, Outcome>();
  let open = [...new Set(dekIds)];
  for (let round = 1; open.length > 0; round += 1) {
    const again: string[] = [];
    const inHand: [string, InHand][] = [];
    for (let from = 0; from < open.length; from += chunkDeks) {
      const chunk = open.slice(from, from + chunkDeks);
      for (const [dekId, outcome] of await bringChunk(chunk, request, deps, options)) {
        if (outcome === "again") again.push(dekId);
        else if (outcome.kind === "in-hand") inHand.push([dekId, outcome]);
        else outcomes.set(dekId, outcome);
      }
    }
    for (const [dekId, { ended }] of inHand) {
      const failure = await waitFor(ended, options.signal);
      if (failure) outcomes.set(dekId, failure);
      else again.push(dekId);
    }
    open = round < maxRounds ? again : [];
    if (round === maxRounds) for (const dekId of again) outcomes.set(dekId, failedWith(contended(dekId)));
  }
  return outcomes;
}

/** Another batch has the DEK's wrap made. */
interface InHand {
  readonly kind: "in-hand";
  readonly ended: Promise<Failed | undefined>;
}

type ChunkOutcomes = Map<string, Outcome | InHand | "again">;

async function bringChunk(
  dekIds: readonly string[],
  request: BringRequest,
  deps: BringDeksDeps,
  options: CallOptions,
): Promise<ChunkOutcomes> {
  const time = startWrapTime(deps.clock);
  const outcomes: ChunkOutcomes = new Map();
  using session = deps.wrapsInHand.open();
  const readings = await readDeks(deps, dekIds, options);
  const prepared = await sideBySide(readings, wrapsAtOnce, async (reading) => {
    try {
      const planned = await planDek(reading, request, deps, options);
      if (typeof planned === "string") {
        outcomes.set(reading.dekId, { kind: planned });
        return undefined;
      }
      const ended = planned.wrap.how === "make" ? session.take(reading.dekId) : undefined;
      if (!ended) return await prepare(planned, request, deps, { ...options, time });
      outcomes.set(reading.dekId, { kind: "in-hand", ended });
    } catch (error) {
      options.signal?.throwIfAborted();
      outcomes.set(reading.dekId, failedWith(error));
    }
    return undefined;
  });
  const wrapped = await writeWraps(
    prepared.flatMap((one) => one ?? []),
    deps,
    { ...options, time, outcomes },
  );
  tellFailures(session, outcomes);
  const present = deps.mode === "global" ? wrapped : await writeDeks(wrapped, deps, { ...options, outcomes });
  for (const { plan } of present) outcomes.set(plan.dek.dekId, { kind: "arrived" });
  if (deps.mode === "regional") await refreshCopies(present, deps, options);
  return outcomes;
}

/** Of wraps: what fails later keeps nobody from finding them. */
function tellFailures(session: WrapSession, outcomes: ChunkOutcomes): void {
  for (const [dekId, outcome] of outcomes) {
    if (outcome !== "again" && outcome.kind === "failed") session.failed(dekId, outcome);
  }
}

interface PreparedDek {
  readonly plan: DekPlan;
  /** What is to be written in the wrap's place; undefined: what is there stays. */
  readonly wrap?: ReplicaWrap;
}

async function prepare(
  plan: DekPlan,
  { region, condemned }: BringRequest,
  deps: BringDeksDeps,
  options: CallOptions & { readonly time: WrapTime },
): Promise<PreparedDek> {
  switch (plan.wrap.how) {
    case "keep":
      return { plan };
    case "put":
      return { plan, wrap: plan.wrap.wrap };
    case "make": {
      const place = { region, condemned: condemned?.get(plan.dek.dekId) };
      return { plan, wrap: await obtainWrap(plan, place, deps.replicaWraps, options) };
    }
  }
}

type WriteOptions = CallOptions & { readonly outcomes: ChunkOutcomes };

/** Answers those whose wrap is there. */
async function writeWraps(
  prepared: readonly PreparedDek[],
  deps: BringDeksDeps,
  { signal, outcomes, time }: WriteOptions & { readonly time: WrapTime },
): Promise<readonly PreparedDek[]> {
  const writes = prepared.flatMap(({ plan, wrap }) => (wrap ? [{ plan, wrap }] : []));
  const unchanged = prepared.filter(({ wrap }) => !wrap);
  if (writes.length === 0) return unchanged;
  const { deks } = (deps.mode === "global" ? deps.home : deps.target).stores;
  const copies = writes.map(({ plan, wrap }): WrapCopy => {
    return { wrap: { ...wrap, dekId: plan.dek.dekId }, expected: expectedWrap(plan.reading, deps) };
  });
  try {
    using limit = deadlineIn(time.leftMs(), signal);
    const results = await deks.putWrapCopies(copies, { signal: limit.signal });
    signal?.throwIfAborted();
    const written = accepted(writes, results, outcomes, () => "again");
    for (const { plan } of written) deps.onWrap?.(plan.profile.replicas[deps.target.region]?.strategy);
    return [...unchanged, ...written];
  } catch (error) {
    signal?.throwIfAborted();
    for (const { plan } of writes) outcomes.set(plan.dek.dekId, failedWith(error));
    return unchanged;
  }
}

/** Answers those whose DEK is there. */
async function writeDeks(
  wrapped: readonly PreparedDek[],
  { target }: BringDeksDeps,
  { signal, outcomes }: WriteOptions,
): Promise<readonly PreparedDek[]> {
  const isThere = ({ plan }: PreparedDek) => isDeepStrictEqual(plan.reading.target.dek, plan.dek);
  const writes = wrapped.filter((one) => !isThere(one));
  if (writes.length === 0) return wrapped;
  const copies = writes.map(({ plan: { dek, reading } }): DekCopy => {
    return { dek, ...(reading.target.isUnreadable ? { replaces: "unreadable" } : {}) };
  });
  const results = await target.stores.deks.putDekCopies(copies, { signal });
  signal?.throwIfAborted();
  const other = ({ plan }: PreparedDek) => failedWith(conflict(plan.dek.dekId));
  return [...wrapped.filter(isThere), ...accepted(writes, results, outcomes, other)];
}

/** Of what was written, what is there now; notes what became of the rest. */
function accepted<One extends PreparedDek>(
  writes: readonly One[],
  results: readonly CopyOutcome[],
  outcomes: ChunkOutcomes,
  onConflict: (one: One) => Outcome | "again",
): readonly One[] {
  return writes.filter((one, index) => {
    const result = results[index];
    if (!result) throw new RangeError("copies are answered item by item");
    if (result.kind === "stored" || result.kind === "same") return true;
    const { dekId } = one.plan.dek;
    outcomes.set(dekId, result.kind === "failed" ? failedWith(result.error) : onConflict(one));
    return false;
  });
}

/** Whether home's copy is right decides nothing: what fails here is mended with the next reading. */
async function refreshCopies(
  present: readonly PreparedDek[],
  { home, logger }: BringDeksDeps,
  { signal }: CallOptions,
): Promise<void> {
  const copies = present.flatMap(({ plan: { dek, reading }, wrap = reading.target.wrap.wrap }): WrapCopy[] => {
    const { copy } = reading.home;
    if (!wrap || (copy.wrap && isSameWrap(wrap, copy.wrap))) return [];
    return [{ wrap: { ...wrap, dekId: dek.dekId }, expected: expectedAt(copy) }];
  });
  if (copies.length === 0) return;
  const results = await home.stores.deks.putWrapCopies(copies, { signal });
  signal?.throwIfAborted();
  const [error] = results.flatMap((result) => (result.kind === "failed" ? [result.error] : []));
  if (error) logger.warn({ err: error }, "home's copies of a replica Region's wraps are not up to date");
}

function contended(dekId: string): RecoveryError {
  return new RecoveryError("RECOVERY_CONTENDED", "the DEK's wrap kept changing while it was being copied", {
    retryable: true,
    context: { dekId },
  });
}

function conflict(dekId: string): RecoveryError {
  return new RecoveryError("RECOVERY_DEK_CONFLICT", "the replica Region has another DEK of that id", {
    context: { dekId },
  });
}
