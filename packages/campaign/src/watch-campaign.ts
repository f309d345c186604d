import { type Clock, sleep, systemClock } from "@dekhand/runtime";
import { type Campaign, type CampaignStatus, type CampaignStore, isEnded, StoreError } from "@dekhand/store";

/** Well below the birth deadline, which a closing census waits for. */
const freshMs = 20_000;

export interface CampaignWatch extends AsyncDisposable {
  /** Aborted as soon as the campaign is seen in another status. */
  readonly halt: AbortSignal;
  /** As it was seen last. */
  readonly campaign: Campaign;
  /**
   * For how long a wrap may still be swapped because of that, in milliseconds. Should the campaign have been cancelled right
   * after, another one may lead back to the key that this one leaves; its closing census waits for longer than this.
   */
  freshForMs(): number;
}

export interface WatchOptions {
  /** Between two looks, in milliseconds. */
  readonly everyMs: number;
  readonly clock?: Pick<Clock, "monotonic">;
  /** The status in which the work goes on. */
  readonly whileStatus: CampaignStatus;
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
  { everyMs, whileStatus, onLook, clock = systemClock }: WatchOptions,
): CampaignWatch {
  let seenAt = clock.monotonic();
  const halted = new AbortController();
  const ended = new AbortController();
  let campaign = seen;

  const look = async () => {
    const askedAt = clock.monotonic();
    const found = await campaigns.get(seen.id, { signal: ended.signal });
    // Campaigns are not deleted; should one be, nothing is worked at for it.
    campaign = found ?? { ...campaign, status: "cancelled" };
    if (campaign.status === whileStatus) seenAt = askedAt;
    onLook?.(campaign);
    if (campaign.status !== whileStatus) halted.abort();
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
    freshForMs: () => seenAt + freshMs - clock.monotonic(),
    async [Symbol.asyncDispose]() {
      ended.abort();
      await watching;
    },
  };
}
