import type { CampaignTarget, WrapLabels } from "@dekhand/store";
import type { CensusGroup, CensusTally } from "../census-tally.ts";
import { hasOwnWraps } from "../follow/followed-wraps.ts";
import { judgeWrap } from "../is-current.ts";
import type { RewrapKind, WrapCounts } from "./plan-types.ts";

/** What a census says about the wraps of a target, judged as the campaign will judge them. */
export function countWraps(
  census: CensusTally,
  target: CampaignTarget,
  { kind, labels }: { readonly kind: RewrapKind; readonly labels: WrapLabels },
): WrapCounts {
  // Too many kinds to be told apart: some of them may be for this campaign.
  const counts = { current: 0, stale: 0, unknown: census.unlisted, other: 0 };
  let withoutMaterial = 0;
  for (const group of census.groups) {
    const judged = isUnknown(group, labels) ? "unknown" : judgeGroup(group, target, labels);
    counts[judged] += group.count;
    if (kind === "rotation" && judged === "stale" && group.material === undefined) withoutMaterial += group.count;
  }
  const wraps = counts.current + counts.stale + counts.unknown + counts.other;
  const { malformed } = census;
  if (hasOwnWraps(target)) return { wraps, ...counts, following: 0, withoutMaterial, malformed };
  // What they are to become, and what is said of it, is told of the wraps that they are copies of.
  const following = counts.stale + counts.unknown;
  return { wraps, ...counts, stale: 0, unknown: 0, following, withoutMaterial: 0, malformed };
}

/** Wraps of a census that are under keys which the target does not concern, by key. */
export function countOthers(
  { groups }: CensusTally,
  { sources, keyArn: targetKeyArn }: CampaignTarget,
  labels: WrapLabels,
): ReadonlyMap<string, number> {
  const concerned = new Set([...sources, targetKeyArn]);
  const others = new Map<string, number>();
  for (const { keyArn, count } of groups) {
    if (keyArn === undefined || !labels.keyArn || concerned.has(keyArn)) continue;
    others.set(keyArn, (others.get(keyArn) ?? 0) + count);
  }
  return others;
}

function isUnknown({ keyArn }: CensusGroup, labels: WrapLabels): boolean {
  return keyArn === undefined || !labels.keyArn;
}

function judgeGroup({ keyArn, material }: CensusGroup, target: CampaignTarget, labels: WrapLabels) {
  const read = { ...(keyArn === undefined ? {} : { keyArn }), ...(material === undefined ? {} : { material }) };
  // No wrap is this campaign's yet, and a census does not count when wraps were made.
  return judgeWrap(read, { target, campaignId: "" }, labels).kind;
}
