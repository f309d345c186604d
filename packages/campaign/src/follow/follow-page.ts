/**
 * Brings copies of wraps to what their home Regions have: home's wrap takes the
 * copy's place where that still is what was read. KMS makes nothing here: related
 * keys share their material.
 */

import { profileLabelOf } from "@dekhand/deks";
import { deadlineIn } from "@dekhand/runtime";
import { type CallOptions, type CopyOutcome, StoreError, type WrapCopy, type WrapRef } from "@dekhand/store";
import { type PageStop, troubleOf, type WrapFailure, worseStop } from "../page-stop.ts";
import { type PageResult, type RewrapOutcome, type RewrapPageOptions, unseen } from "../rewrap-page.ts";
import type { WrapAccess } from "../wrap-access.ts";
import { followedHome } from "./followed-wraps.ts";
import type { HomeWrap } from "./judge-copy.ts";
import { type FollowOrder, type ReadHomes, readHomes, requireCopying } from "./read-homes.ts";

export interface FollowPageDeps extends Pick<WrapAccess, "admit" | "copying"> {
  readonly store: Pick<WrapAccess["store"], "name">;
}
export type FollowPageOptions = Pick<RewrapPageOptions, "signal" | "halt" | "swapWithinMs">;

interface Planned {
  readonly index: number;
  readonly home: string;
  readonly copy: WrapCopy;
}

/** All wraps have to be ones that follow. Throws CAMPAIGN_TARGET_UNKNOWN, and the signal's reason. */
export async function followPage(
  wraps: readonly WrapRef[],
  order: FollowOrder,
  deps: FollowPageDeps,
  { signal, halt, swapWithinMs }: FollowPageOptions,
): Promise<PageResult> {
  const outcomes: RewrapOutcome[] = wraps.map(() => ({ kind: "left" }));
  const moved = await findMovedHome(wraps, order, deps, { signal });
  if (moved) return { outcomes, stop: moved };
  const read = await readOrStop(wraps, order, deps, { signal });
  if ("stop" in read) return { outcomes, stop: read.stop };

  const planned: Planned[] = [];
  let stop: PageStop | undefined;
  for (const [index, wrap] of wraps.entries()) {
    if (halt?.aborted) break;
    const judged = read.judge(wrap);
    if (judged === undefined) continue;
    if (judged.kind === "orphan") outcomes[index] = { kind: "failed", failure: orphaned(judged.reason) };
    else if (judged.kind !== "copy") outcomes[index] = judged;
    else {
      const admitted = await admitCopy(wrap, judged.next, order, deps, { signal });
      if (admitted.kind === "copy") planned.push({ index, home: admitted.home, copy: admitted.copy });
      else if (admitted.kind === "stop") stop = worseStop(stop, admitted.stop);
      else outcomes[index] = admitted;
    }
  }
  for (const [index, outcome] of await put(planned, order, deps, { signal, swapWithinMs })) {
    const done = outcomeOfCopy(outcome, signal);
    if (done.kind === "stop") stop = worseStop(stop, done.stop);
    else outcomes[index] = done;
  }
  return { outcomes, ...(stop === undefined ? {} : { stop }) };
}

/**
 * What follows what was settled when the campaign was created. Where a failover has made another Region the home since then,
 * its wraps are the ones to go by, and nothing of the old home's takes their place.
 */
async function findMovedHome(
  wraps: readonly WrapRef[],
  { campaignId, target }: FollowOrder,
  { copying }: Pick<FollowPageDeps, "copying">,
  options: CallOptions,
): Promise<PageStop | undefined> {
  const homes: Readonly<Record<string, string>> = target.follows?.homes ?? {};
  const profiles = new Set(wraps.map(({ context }) => profileLabelOf(context) ?? ""));
  for (const [profile, home] of Object.entries(homes)) {
    if (!profiles.has(profile)) continue;
    try {
      const now = await requireCopying(copying, campaignId, home).homeOf(profile, options);
      if (now !== undefined && now !== home) return movedHome(profile, home, now);
    } catch (error) {
      return stopOfReading(error, options.signal);
    }
  }
  return undefined;
}

function movedHome(profile: string, before: string, now: string): PageStop {
  const message = `the home of ${profile} has moved from ${before} to ${now} since the campaign was created: cancel it, and start another one`;
  return { kind: "pause", class: "refused", code: "CAMPAIGN_HOME_MOVED", message };
}

async function readOrStop(
  wraps: readonly WrapRef[],
  order: FollowOrder,
  deps: FollowPageDeps,
  options: CallOptions,
): Promise<ReadHomes | { readonly stop: PageStop }> {
  try {
    return await readHomes(wraps, order, deps, options);
  } catch (error) {
    return { stop: stopOfReading(error, options.signal) };
  }
}

/** What the failure of a whole reading means: no wrap is to blame for it. Throws what is no failure of the store. */
export function stopOfReading(error: unknown, signal: AbortSignal | undefined): PageStop {
  signal?.throwIfAborted();
  const trouble = error instanceof StoreError ? troubleOf(error) : undefined;
  if (trouble?.kind === "stop") return trouble.stop;
  if (trouble?.kind === "item") return { kind: "pause", ...trouble.failure };
  throw error;
}

type Admitted =
  | { readonly kind: "copy"; readonly home: string; readonly copy: WrapCopy }
  | { readonly kind: "stop"; readonly stop: PageStop }
  | { readonly kind: "failed"; readonly failure: WrapFailure }
  | { readonly kind: "left" };

/** By the configuration, as the wrap that it would be: context and key say nothing by themselves, at home neither. */
async function admitCopy(
  wrap: WrapRef,
  next: HomeWrap,
  { target }: FollowOrder,
  { admit }: Pick<FollowPageDeps, "admit">,
  options: CallOptions,
): Promise<Admitted> {
  if (profileLabelOf(next.context) !== profileLabelOf(wrap.context)) {
    return quarantined("the copy and its home Region's wrap name different profiles");
  }
  try {
    const admission = await admit(next, [next.keyArn], options);
    if (admission.kind === "quarantined") return quarantined(admission.message);
    const { id: dekId, ...stored } = next;
    return {
      kind: "copy",
      home: followedHome(wrap, target) ?? "",
      copy: {
        wrap: { ...stored, dekId, region: target.region, context: admission.context },
        expected: { blob: wrap.blob },
      },
    };
  } catch (error) {
    const trouble = troubleOf(error);
    if (trouble.kind === "stop") return trouble;
    return trouble.kind === "item" ? { kind: "failed", failure: trouble.failure } : { kind: "left" };
  }
}

async function put(
  planned: readonly Planned[],
  { campaignId }: FollowOrder,
  { copying }: FollowPageDeps,
  { signal, swapWithinMs }: Omit<FollowPageOptions, "halt">,
): Promise<readonly (readonly [number, CopyOutcome])[]> {
  const outcomes: [number, CopyOutcome][] = [];
  for (const [home, copies] of Map.groupBy(planned, (one) => one.home)) {
    const { putCopies } = requireCopying(copying, campaignId, home);
    const wraps = copies.map(({ copy }) => copy);
    using limit = swapWithinMs === undefined ? undefined : deadlineIn(Math.max(0, swapWithinMs()), signal);
    const done = await putCopies(home, wraps, { signal: limit?.signal ?? signal });
    for (const [position, { index }] of copies.entries()) {
      const outcome = done[position];
      if (outcome) outcomes.push([index, outcome]);
    }
  }
  return outcomes;
}

function outcomeOfCopy(
  outcome: CopyOutcome,
  signal: AbortSignal | undefined,
): RewrapOutcome | { readonly kind: "stop"; readonly stop: PageStop } {
  if (outcome.kind !== "failed") return { kind: outcome.kind === "conflict" ? "conflict" : "copied" };
  const trouble = troubleOf(outcome.error);
  if (trouble.kind === "item") return { kind: "failed", failure: trouble.failure };
  if (trouble.kind === "stop") return trouble;
  // Given up for lack of time, not because this side wanted to end.
  return signal?.aborted ? { kind: "left" } : { kind: "stop", stop: unseen };
}

function quarantined(message: string): { readonly kind: "failed"; readonly failure: WrapFailure } {
  return { kind: "failed", failure: { class: "quarantined", code: "CAMPAIGN_QUARANTINED", message } };
}

function orphaned(reason: string): WrapFailure {
  return { class: "orphan", code: "CAMPAIGN_COPY_ORPHANED", message: reason };
}
