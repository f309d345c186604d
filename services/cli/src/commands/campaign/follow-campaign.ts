import { type CampaignView, progressOf } from "@dekhand/campaign";
import { sleep } from "@dekhand/runtime";
import { type Campaign, type CampaignStore, isEnded, StoreError } from "@dekhand/store";
import type { CommandContext } from "../../command-context.ts";
import { CliError } from "../../errors.ts";
import { createBirthWait } from "./birth-wait.ts";
import { createCampaignDisplay } from "./campaign-display.ts";
import { settledView } from "./status.ts";

export interface FollowedCampaign {
  /** Ended or paused. */
  readonly campaign: Campaign;
  /** How long it waited until no DEK could be born any more under a key that it leaves, in milliseconds. */
  readonly waitedMs: number;
}

export interface FollowOptions {
  /** Hears of the campaign as it is found, and of every change. */
  readonly onChange?: (campaign: Campaign) => void;
  /** Between two looks, in milliseconds. Default 500. */
  readonly everyMs?: number;
  /** Without any change for so long, something is wrong, in milliseconds. Default: it may take its time. */
  readonly stalledMs?: number;
}

/** Shows a campaign until it ends or is paused. Throws CLI_DEMO_STALLED, CLI_CAMPAIGN_NOT_FOUND. */
export async function followCampaign(
  campaigns: CampaignStore,
  id: string,
  { stderr, signal }: Pick<CommandContext, "stderr" | "signal">,
  { onChange, everyMs = 500, stalledMs = Number.POSITIVE_INFINITY }: FollowOptions = {},
): Promise<FollowedCampaign> {
  using display = createCampaignDisplay(stderr);
  const birthWait = createBirthWait();
  let version = 0;
  let seen: string | undefined;
  let movedAt = performance.now();
  for (;;) {
    const view = await look(campaigns, id, signal);
    if (!view) {
      await sleep(Math.max(everyMs, retryMs), { signal });
      continue;
    }
    const { campaign } = view;
    if (campaign.version !== version && onChange) {
      // Lines of text stand between what is shown before and after.
      display.finish();
      onChange(campaign);
    }
    ({ version } = campaign);
    const leftMs = birthWait.leftMs(view);
    const progress = progressOf(view);
    if (leftMs !== undefined) display.wait("waiting until no DEK can be born under the old key", leftMs);
    else if (progress) display.work(progress);
    if (isEnded(campaign.status) || campaign.status === "paused") {
      if (campaign.status === "complete") display.finish();
      return { campaign, waitedMs: birthWait.waitedMs() };
    }
    const state = stateOf(view);
    if (state !== seen) movedAt = performance.now();
    else if (performance.now() - movedAt > stalledMs) {
      throw new CliError("CLI_DEMO_STALLED", `a campaign has not moved for ${stalledMs / 60_000} minutes`, {
        context: { campaignId: id, status: campaign.status },
      });
    }
    seen = state;
    await sleep(everyMs, { signal });
  }
}

/** After a look that failed, in milliseconds. */
const retryMs = 1_000;

/** Undefined where the table does not answer just now: the campaign goes on without anybody who looks. */
async function look(campaigns: CampaignStore, id: string, signal: AbortSignal): Promise<CampaignView | undefined> {
  try {
    return await settledView(campaigns, id, signal);
  } catch (error) {
    if (error instanceof StoreError && error.retryable && !signal.aborted) return undefined;
    throw error;
  }
}

/** Changes with the campaign and with every checkpoint of its segments. */
function stateOf({ campaign, segments }: CampaignView): string {
  const checkpoints = segments.reduce((sum, { seq }) => sum + seq, 0);
  return `${campaign.version} ${segments.length} ${checkpoints}`;
}
