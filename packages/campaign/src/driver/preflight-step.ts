/**
 * Before anything is changed: keys and permissions are checked by workers, no
 * live worker may write under a key that is to be left, and all wraps are counted.
 */

import type { CallOptions, Heartbeat } from "@dekhand/store";
import { wrapsIn } from "../progress.ts";
import { addCounts } from "../rewrap-counts.ts";
import { readSettings } from "../settings.ts";
import { type CampaignView, segmentsOf } from "./campaign-view.ts";
import { addSegments, move, onePerTarget, openOf, type Step, type StepDeps } from "./step.ts";
import { findingsOf, wrapSegments } from "./wrap-segments.ts";

export const preflightStep: Step = async (view, deps, options) => {
  const refuse = (reason: string) => move(view, { kind: "preflight-refused" }, reason, deps, options);
  const checks = segmentsOf(view, "preflight");
  if (checks.length === 0) {
    // First of all, whatever becomes of the campaign: births under the target wait for it.
    await returnToTargets(view, deps, options);
    const unconfirmed = unconfirmedStores(view);
    if (unconfirmed.length > 0) {
      return refuse(
        `of ${unconfirmed.join(", ")}, somebody has to confirm that the owning application writes with the target, and that its readers may decrypt under it`,
      );
    }
    return addSegments(view, onePerTarget(view.campaign, "preflight", 1), deps, options);
  }
  const unchecked = openOf(checks);
  if (unchecked.length > 0) {
    if (!isOver(view, deps.options.checkPatienceMs, deps)) return { kind: "work", open: unchecked };
    const where = unchecked.map(({ store, region }) => `${store} in ${region}`).join(", ");
    return refuse(`no rewrapper has checked ${where}: is one running, with Redis and this store in its configuration?`);
  }
  const problems = await problemsOf(view, deps, options);
  if (problems.length > 0) return refuse(problems.join("; "));

  const writers = await writersOfSources(view, deps, options);
  if (writers.length > 0) {
    const who = writers.join(", ");
    if (!isOver(view, deps.options.writerPatienceMs, deps)) {
      return { kind: "waits", what: `for workers that still write under a key to be left: ${who}` };
    }
    return refuse(`new DEKs would keep arriving under a key that is to be left: ${who}`);
  }

  const census = segmentsOf(view, "census");
  if (census.length === 0) {
    return addSegments(view, await wrapSegments(view, "census", 1, deps.campaigns, options), deps, options);
  }
  const uncounted = openOf(census);
  if (uncounted.length > 0) return { kind: "work", open: uncounted };
  await leaveSources(view, deps, options);
  const wraps = wrapsIn(addCounts(census.map(({ counts }) => counts)));
  const reason = `keys, permissions and workers are ready; ${wraps} wraps are counted`;
  return move(view, { kind: "preflight-passed" }, reason, deps, options, { wraps: String(wraps) });
};

/** Stores of others go from key to key on an operator's word: what their applications do, nobody here can see. */
function unconfirmedStores({ campaign }: CampaignView): readonly string[] {
  if (campaign.kind !== "key" || readSettings(campaign).confirmed !== undefined) return [];
  const names = campaign.targets.map(({ store }) => store).filter((name) => name !== "dekhand" && name !== "transit");
  return [...new Set(names)];
}

/** Since the campaign was started; the clocks of two hosts may differ, which is a matter of patience only. */
function isOver({ campaign }: CampaignView, patienceMs: number, { now }: StepDeps): boolean {
  return now().getTime() - Date.parse(campaign.last.at) > patienceMs;
}

async function problemsOf(view: CampaignView, { campaigns }: StepDeps, options: CallOptions): Promise<string[]> {
  const findings = await findingsOf(view, campaigns, options);
  if (findings === undefined) return ["what a worker has found out cannot be read"];
  return findings.flatMap(({ store, region, checks }) =>
    checks
      .filter(({ ok }) => !ok)
      .map(({ check, key, message = "refused" }) => `${store} in ${region}: ${check} ${key ?? ""}: ${message}`),
  );
}

/** Three beats of 30 s: what has been silent for longer does not count as alive. What it did before, the mark covers. */
const aliveMs = 90_000;

/** Live workers that make DEKs under a key which the campaign is to leave. */
async function writersOfSources(
  { campaign }: CampaignView,
  { state, now }: StepDeps,
  options: CallOptions,
): Promise<readonly string[]> {
  if (campaign.kind !== "key") return [];
  const sources = new Set(campaign.targets.flatMap((target) => target.sources));
  const alive = (await state.listHeartbeats(options)).filter(({ at }) => now().getTime() - Date.parse(at) <= aliveMs);
  return alive.flatMap((beat) => {
    const profiles = profilesUnder(beat, sources);
    return profiles.length === 0 ? [] : [`${beat.workerId} (${profiles.join(", ")})`];
  });
}

function profilesUnder({ keys }: Heartbeat, sources: ReadonlySet<string>): readonly string[] {
  return Object.entries(keys).flatMap(([profile, byRegion]) =>
    Object.values(byRegion).some((arn) => sources.has(arn)) ? [profile] : [],
  );
}

/** Durable before the campaign goes on, so that no DEK is born under them a birth deadline later. */
async function leaveSources(
  { campaign }: CampaignView,
  { leftKeys, now }: StepDeps,
  options: CallOptions,
): Promise<void> {
  if (campaign.kind !== "key") return;
  for (const { store, region, sources } of campaign.targets) {
    if (store !== "dekhand") continue;
    for (const keyArn of sources) {
      await leftKeys(region).leaveKey({ keyArn, campaignId: campaign.id, at: now().toISOString() }, options);
    }
  }
}

/** Going back: what an earlier campaign left is written under again. */
async function returnToTargets(
  { campaign }: CampaignView,
  { leftKeys }: StepDeps,
  options: CallOptions,
): Promise<void> {
  if (campaign.kind !== "key") return;
  for (const { store, region, keyArn } of campaign.targets) {
    if (store !== "dekhand") continue;
    await leftKeys(region).returnToKey(keyArn, { campaignId: campaign.id, marks: "all" }, options);
  }
}
