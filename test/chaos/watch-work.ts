/** How campaigns stand while their tables fail now and then: the last look that succeeded counts. */

import { type CampaignView, viewCampaign } from "@dekhand/campaign";
import { type CampaignStatus, type CampaignStore, isEnded, type Segment, StoreError } from "@dekhand/store";

export interface WorkWatch extends AsyncDisposable {
  /** Whether one of the campaigns was seen in that status last. */
  isAny(status: CampaignStatus): boolean;
  /** Segments of their current phases that are not done. */
  open(): readonly Segment[];
  /** Aborted when each campaign has ended, or waits for an operator. */
  readonly over: AbortSignal;
}

const lookEveryMs = 100;

export function watchWork(campaigns: CampaignStore, ids: readonly string[]): WorkWatch {
  const over = new AbortController();
  const stopping = new AbortController();
  const seen = new Map<string, CampaignView>();

  const look = async () => {
    for (const id of ids) {
      const view = await viewCampaign(campaigns, id, { signal: stopping.signal });
      if (view) seen.set(id, view);
    }
    const views = [...seen.values()];
    const isOver = ({ campaign: { status } }: CampaignView) => isEnded(status) || status === "paused";
    if (views.length === ids.length && views.every(isOver)) over.abort();
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
    isAny: (status) => [...seen.values()].some(({ campaign }) => campaign.status === status),
    open: () => [...seen.values()].flatMap(({ segments }) => segments.filter(({ state }) => state === "open")),
    over: over.signal,
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await watching;
    },
  };
}
