import { sleep } from "@dekhand/runtime";
import { type Campaign, type CampaignStore, isEnded, StoreError } from "@dekhand/store";

export interface CampaignWatch extends AsyncDisposable {
  /** Aborted as soon as the campaign is seen not to run any more. */
  readonly halt: AbortSignal;
  /** As it was seen last. */
  readonly campaign: Campaign;
}

export interface WatchOptions {
  /** Between two looks, in milliseconds. */
  readonly everyMs: number;
  /** Hears of the campaign each time it was read. */
  readonly onLook?: ((campaign: Campaign) => void) | undefined;
}

/**
 * Looks at a campaign while its segments are worked at, so that a pause reaches
 * into a page that takes long. A look that fails is passed over: the checkpoint
 * needs the same table, and says so.
 */
export function watchCampaign(
  campaigns: Pick<CampaignStore, "get">,
  seen: Campaign,
  { everyMs, onLook }: WatchOptions,
): CampaignWatch {
  const halted = new AbortController();
  const ended = new AbortController();
  let campaign = seen;

  const look = async () => {
    const found = await campaigns.get(seen.id, { signal: ended.signal });
    // Campaigns are not deleted; should one be, nothing is worked at for it.
    campaign = found ?? { ...campaign, status: "cancelled" };
    onLook?.(campaign);
    if (campaign.status !== "running") halted.abort();
  };

  const watching = (async () => {
    while (!ended.signal.aborted && !isEnded(campaign.status)) {
      try {
        await sleep(everyMs, { signal: ended.signal });
        await look();
      } catch (error) {
        if (!ended.signal.aborted && !(error instanceof StoreError)) throw error;
      }
    }
  })();
  // Heard when the watch is disposed.
  watching.catch(() => undefined);

  return {
    halt: halted.signal,
    get campaign() {
      return campaign;
    },
    async [Symbol.asyncDispose]() {
      ended.abort();
      await watching;
    },
  };
}
