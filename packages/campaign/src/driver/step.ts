/** What a step of a campaign's way is given, and what it may come to. */

import type { CallOptions, Campaign, CampaignStore, NewSegment, Segment, StateStore } from "@dekhand/store";
import { applyTrigger } from "../apply-trigger.ts";
import { hasOwnWraps } from "../follow/followed-wraps.ts";
import type { ResealRegion } from "../reseal/reseal-region.ts";
import type { ResealWaitFacts } from "../reseal/reseal-wait.ts";
import type { CampaignTrigger } from "../state-machine.ts";
import type { CampaignView } from "./campaign-view.ts";

export interface StepDeps {
  readonly campaigns: CampaignStore;
  /** Of the control Region. */
  readonly state: Pick<StateStore, "listHeartbeats">;
  /** Keys that campaigns have left, in the Region of the key. */
  readonly leftKeys: (region: string) => Pick<StateStore, "leaveKey" | "returnToKey" | "listLeftKeys">;
  /** The profiles' home Regions, as they are by now: where records are sealed again. */
  readonly homes: (options: CallOptions) => Promise<readonly string[]>;
  /** All Regions of the profiles: where keys may be marked as left. */
  readonly regions: readonly string[];
  /** What a reseal is concluded with. */
  readonly reseal: {
    /** Every Region that has tables. */
    readonly regions: readonly ResealRegion[];
    readonly profiles: ResealWaitFacts["profiles"];
  };
  readonly now: () => Date;
  readonly options: StepOptions;
}

export interface StepOptions {
  /** How long a preflight waits for workers to check the targets, in milliseconds. Default 300,000. */
  readonly checkPatienceMs: number;
  /** How long a preflight waits for workers to write with the target, in milliseconds. Default 180,000. */
  readonly writerPatienceMs: number;
  /** Sweeps after which a campaign that still finds wraps to rewrap pauses itself. Default 20. */
  readonly maxSweeps: number;
}

/**
 * - `work`: workers have these segments to work at.
 * - `waits`: for something else than a segment; says for what, and where looking is dear, when to look again at the soonest.
 * - `moved`: the campaign has changed; there may be more to do at once.
 */
export type StepEnd =
  | { readonly kind: "work"; readonly open: readonly Segment[] }
  | { readonly kind: "waits"; readonly what: string; readonly afterMs?: number }
  | { readonly kind: "moved" };

export type Step = (view: CampaignView, deps: StepDeps, options: CallOptions) => Promise<StepEnd>;

/** Who acted, in a campaign's history. */
export const DRIVER = "dekhand-control";

/** `set`: facts that it leaves on the campaign. */
export async function move(
  { campaign }: CampaignView,
  trigger: CampaignTrigger,
  reason: string,
  { campaigns, now }: StepDeps,
  options: CallOptions,
  set: Readonly<Record<string, string>> = {},
): Promise<StepEnd> {
  await applyTrigger(campaigns, campaign, trigger, { at: now().toISOString(), actor: DRIVER, reason, set }, options);
  return { kind: "moved" };
}

/** The sweep that is due, from 1: another one each time that the closing census has found more to do. */
export function wantedSweep({ facts }: Pick<Campaign, "facts">): number {
  return Number(facts.sweep ?? 1);
}

export function anotherSweep(
  view: CampaignView,
  reason: string,
  deps: StepDeps,
  options: CallOptions,
): Promise<StepEnd> {
  const sweep = String(wantedSweep(view.campaign) + 1);
  return move(view, { kind: "remainder-found" }, reason, deps, options, { sweep });
}

export type Part = Omit<NewSegment, "number">;

/**
 * Creates segments after all others. Two drivers that do it at once see the same segments before theirs, and so create the
 * same ones: the second changes nothing.
 */
export async function addSegments(
  { campaign, segments }: CampaignView,
  parts: readonly Part[],
  { campaigns }: StepDeps,
  options: CallOptions,
): Promise<StepEnd> {
  const last = segments.at(-1)?.number ?? 0;
  const numbered = parts.map((part, index) => ({ ...part, number: last + 1 + index }));
  await campaigns.createSegments(campaign.id, numbered, options);
  return { kind: "moved" };
}

/** The targets that have something to do in that phase: copies come after the wraps that they are copies of. */
export function targetsIn({ targets }: Campaign, phase: Part["phase"]): Campaign["targets"] {
  if (phase === "follow") return targets.filter(({ follows }) => follows !== undefined);
  return phase === "canary" || phase === "rewrap" ? targets.filter(hasOwnWraps) : targets;
}

/** One segment for each target that has something to do in that phase. */
export function onePerTarget(campaign: Campaign, phase: Part["phase"], sweep: number): readonly Part[] {
  return targetsIn(campaign, phase).map(({ store, region }) => ({ phase, sweep, store, region, index: 0, of: 1 }));
}

export function openOf(segments: readonly Segment[]): readonly Segment[] {
  return segments.filter(({ state }) => state === "open");
}

export function sumOf(segments: readonly Segment[], name: string): number {
  return segments.reduce((sum, { counts }) => sum + (counts[name] ?? 0), 0);
}
