/** The failures of one store and Region are tried again. */

import { retryFailures } from "../retry-failures.ts";
import type { RunPage } from "./phase.ts";

export const retryPhase: RunPage = async (segment, work, { signal, halt, swapWithinMs }) => {
  const now = () => new Date(work.at());
  const retried = await retryFailures(
    segment.campaignId,
    work.order.target,
    { ...work, now, targets: work.campaign.targets },
    { signal, halt, swapWithinMs },
  );
  if (retried.stop) return { kind: "stopped", stop: retried.stop };
  if (halt.aborted) return { kind: "halted" };
  const { resolved, failed, left } = retried;
  return work.save(segment, undefined, { resolved, failed, left });
};
