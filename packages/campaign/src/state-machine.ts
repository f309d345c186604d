/**
 * Which change of a campaign is allowed when. Pure: it reads and writes nothing;
 * `applyTrigger` makes the change.
 */

import type { Campaign, CampaignStatus } from "@dekhand/store";
import { CampaignError } from "./errors.ts";

/** What the state machine needs to know of a campaign. */
export type CampaignState = Pick<Campaign, "status" | "pausedFrom">;

/**
 * What happens to a campaign, with the statuses in which it may:
 * - `start`: planned -> preflight.
 * - `preflight-passed`: preflight -> canary. `preflight-refused`: preflight -> failed.
 * - `canary-passed`: canary -> running. `canary-failed`: canary -> failed.
 * - `swept`: running -> verifying: every segment of the sweep is done.
 * - `remainder-found`: verifying -> running: the closing census found wraps that are not current, for another sweep.
 * - `verified`: verifying -> complete, if no failure is unresolved.
 * - `verification-failed`: verifying -> failed: a wrap is not what it says it is.
 * - `pause` by an operator, `systemic-error` by the campaign itself: canary, running, verifying -> paused.
 * - `resume`: paused -> the one of the three that it was paused from.
 * - `cancel`: any status that is no end -> cancelled.
 */
export type CampaignTrigger =
  | { readonly kind: Exclude<CampaignTriggerKind, "verified"> }
  | {
      readonly kind: "verified";
      /** Failures that are neither resolved nor skipped, those that cannot be read included. */
      readonly unresolvedFailures: number;
    };

export type CampaignTriggerKind = keyof typeof transitions;

/** From which statuses to which one; `paused` goes back to where it came from. */
const transitions = {
  start: { from: ["planned"], to: "preflight", asked: "be started" },
  "preflight-passed": { from: ["preflight"], to: "canary", asked: "pass its preflight" },
  "preflight-refused": { from: ["preflight"], to: "failed", asked: "be refused by its preflight" },
  "canary-passed": { from: ["canary"], to: "running", asked: "pass its canary" },
  "canary-failed": { from: ["canary"], to: "failed", asked: "fail in its canary" },
  swept: { from: ["running"], to: "verifying", asked: "end a sweep" },
  "remainder-found": { from: ["verifying"], to: "running", asked: "begin another sweep" },
  verified: { from: ["verifying"], to: "complete", asked: "be completed" },
  "verification-failed": { from: ["verifying"], to: "failed", asked: "fail in its verification" },
  pause: { from: ["canary", "running", "verifying"], to: "paused", asked: "be paused" },
  "systemic-error": { from: ["canary", "running", "verifying"], to: "paused", asked: "pause itself" },
  resume: { from: ["paused"], to: "paused-from", asked: "be resumed" },
  cancel: {
    from: ["planned", "preflight", "canary", "running", "paused", "verifying"],
    to: "cancelled",
    asked: "be cancelled",
  },
} as const satisfies Readonly<Record<string, TransitionRule>>;

interface TransitionRule {
  readonly from: readonly CampaignStatus[];
  readonly to: CampaignStatus | "paused-from";
  /** Completes "a campaign cannot …". */
  readonly asked: string;
}

export const CAMPAIGN_TRIGGERS: readonly CampaignTriggerKind[] = Object.keys(transitions).filter(isTriggerKind);

/** Where the trigger leads. Throws CAMPAIGN_TRANSITION_ILLEGAL, whose message says in words why it leads nowhere. */
export function nextStatus(state: CampaignState, trigger: CampaignTrigger): CampaignStatus {
  const rule: TransitionRule = transitions[trigger.kind];
  if (!rule.from.includes(state.status)) {
    const when = rule.from.join(", ");
    throw illegal(state, trigger, `a campaign that is ${state.status} cannot ${rule.asked}: only one that is ${when}`);
  }
  if (trigger.kind === "verified" && trigger.unresolvedFailures > 0) {
    const { unresolvedFailures: count } = trigger;
    throw illegal(state, trigger, `a campaign cannot be completed over unresolved failures: ${count}`);
  }
  if (rule.to !== "paused-from") return rule.to;
  if (state.pausedFrom === undefined) {
    throw illegal(state, trigger, "a campaign cannot be resumed that does not say what it was paused from");
  }
  return state.pausedFrom;
}

/** Whether the campaign's status allows it, whatever else the trigger depends on. */
export function allows({ status }: CampaignState, kind: CampaignTriggerKind): boolean {
  const rule: TransitionRule = transitions[kind];
  return rule.from.includes(status);
}

function illegal({ status }: CampaignState, { kind }: CampaignTrigger, reason: string): CampaignError {
  return new CampaignError("CAMPAIGN_TRANSITION_ILLEGAL", reason, { context: { status, trigger: kind } });
}

function isTriggerKind(name: string): name is CampaignTriggerKind {
  return Object.hasOwn(transitions, name);
}
