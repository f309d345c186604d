/** How many KMS calls a campaign makes, if no wrap fails and none is added meanwhile. */

import type { CampaignTarget } from "@dekhand/store";
import { hasOwnWraps } from "../follow/followed-wraps.ts";
import { type CampaignSettings, LEAST_PROBED } from "../settings.ts";
import type { KmsCalls, PlannedStore, RewrapKind, WrapCounts } from "./plan-types.ts";

export interface CallPlan {
  readonly kind: RewrapKind;
  readonly target: CampaignTarget;
  readonly counts: WrapCounts;
  readonly store: PlannedStore;
  readonly settings: CampaignSettings;
}

export function planKmsCalls(plan: CallPlan): KmsCalls {
  const { target, counts } = plan;
  const isRewrapped = hasOwnWraps(target);
  // Copies cost KMS nothing. Among other wraps, they are reckoned as if they did: no count tells them apart.
  const rewrap = counts.stale + counts.unknown * triesOf(target);
  const probes = (isRewrapped ? canaryProbes(plan) : 0) + sampleProbes(plan);
  // Each key is described, and each way from a source to the target tried by a dry run.
  const tried = isRewrapped ? target.sources.length : 1;
  const preflight = new Set([...target.sources, target.keyArn]).size + tried;
  const dryRunCensus = isCountedByDryRun(plan) ? counts.wraps : 0;
  return { rewrap, probes, preflight, dryRunCensus, total: rewrap + probes + preflight + dryRunCensus };
}

export function addKmsCalls(all: readonly KmsCalls[]): KmsCalls {
  const sum = (name: keyof KmsCalls) => all.reduce((total, calls) => total + calls[name], 0);
  return {
    rewrap: sum("rewrap"),
    probes: sum("probes"),
    preflight: sum("preflight"),
    dryRunCensus: sum("dryRunCensus"),
    total: sum("total"),
  };
}

/** Where nobody knows which source a wrap is under, KMS is asked for one after the other: reckoned as if it were the last. */
function triesOf({ sources }: CampaignTarget): number {
  return Math.max(1, sources.length);
}

/** Where the DEK is compared and the store cannot tell it, the wrap is unwrapped before it is rewrapped, too. */
function canaryProbes({ target, counts, store, settings }: CallPlan): number {
  const wraps = Math.min(settings.canary, counts.stale + counts.unknown);
  const before = settings.probeBy === "decrypt" && !store.hasCommitments;
  if (!before) return wraps;
  return wraps + wraps * (counts.unknown > 0 ? triesOf(target) : 1);
}

/** The sample is taken of all that is current in the end. */
function sampleProbes(plan: CallPlan): number {
  const { counts, store, settings } = plan;
  const hasLabels = store.labels.keyArn || store.labels.campaign;
  const current = counts.wraps - counts.other;
  return hasLabels ? Math.max(Math.ceil(current * settings.sample), Math.min(LEAST_PROBED, current)) : 0;
}

/** A rotation has no such census: no dry run tells materials apart. */
function isCountedByDryRun({ kind, store }: CallPlan): boolean {
  return kind === "key" && !store.labels.keyArn && !store.labels.campaign;
}
