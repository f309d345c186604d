/** How a campaign stands while its tables fail now and then: the last look that succeeded counts. */

import { type CampaignView, viewCampaign } from "@dekhand/campaign";
import { type CampaignStatus, type CampaignStore, isEnded, type Segment, StoreError } from "@dekhand/store";

export interface WorkWatch extends AsyncDisposable {
  /** Where it was seen last. */
  readonly status: CampaignStatus | undefined;
  /** Segments of the current phase that are not done. */
  open(): readonly Segment[];
  /** Aborted when the campaign has ended, or waits for an operator. */
  readonly over: AbortSignal;
}

const lookEveryMs = 100;

export function watchWork(campaigns: CampaignStore, id: string): WorkWatch {
  const over = new AbortController();
  const stopping = new AbortController();
  let seen: CampaignView | undefined;

  const look = async () => {
    seen = (await viewCampaign(campaigns, id, { signal: stopping.signal })) ?? seen;
    const status = seen?.campaign.status;
    if (status !== undefined && (isEnded(status) || status === "paused")) over.abort();
  };
  const watching = (async () => {
    while (!over.signal.aborted && !stopping.signal.aborted) {
      await look().catch((error: unknown) => {
        if (!(error instanceof StoreError) && !stopping.signal.aborted) throw error;
      });
      await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
    }
  })();
  // Heard when the watch is disposed.
  watching.catch(() => over.abort());

  return {
    get status() {
      return seen?.campaign.status;
    },
    open: () => seen?.segments.filter(({ state }) => state === "open") ?? [],
    over: over.signal,
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await watching;
    },
  };
}
