import {
  type CallOptions,
  type Campaign,
  type CampaignAct,
  type CampaignStore,
  isEnded,
  StoreError,
} from "@dekhand/store";
import { allows, type CampaignTrigger, nextStatus } from "./state-machine.ts";

/** Who did it, when and why; and what facts it leaves on the campaign. */
export interface TriggerAct extends CampaignAct {
  readonly set?: Readonly<Record<string, string>>;
}

type Transitions = Pick<CampaignStore, "get" | "transition">;

/**
 * Makes one change to the campaign as it was read. Throws CAMPAIGN_TRANSITION_ILLEGAL, and STORE_CAMPAIGN_CHANGED where it
 * is no longer as it was read: then read it again and decide anew.
 */
export function applyTrigger(
  store: Pick<CampaignStore, "transition">,
  campaign: Campaign,
  trigger: CampaignTrigger,
  act: TriggerAct,
  options: CallOptions = {},
): Promise<Campaign> {
  const { id, version, status: from } = campaign;
  return store.transition(id, { version, from, to: nextStatus(campaign, trigger), ...act }, options);
}

/** How often a pause is tried against other changes. */
const maxTries = 10;

/**
 * Pauses the campaign because of an error that concerns more than one wrap; in its preflight, where nothing has been changed
 * yet, it is refused. Many workers meet such an error at once: the first to say so pauses it, for the others there is
 * nothing left to do. Undefined where it was not this call that did.
 */
export async function pauseItself(
  store: Transitions,
  campaignId: string,
  act: CampaignAct,
  options: CallOptions = {},
): Promise<Campaign | undefined> {
  for (let tries = 1; ; tries += 1) {
    const campaign = await store.get(campaignId, options);
    if (!campaign || isEnded(campaign.status)) return undefined;
    const trigger = { kind: campaign.status === "preflight" ? "preflight-refused" : "systemic-error" } as const;
    if (!allows(campaign, trigger.kind)) return undefined;
    try {
      return await applyTrigger(store, campaign, trigger, act, options);
    } catch (error) {
      const changed = error instanceof StoreError && error.code === "STORE_CAMPAIGN_CHANGED";
      if (!changed || tries === maxTries) throw error;
    }
  }
}
