/** A page of wraps is rewrapped, but for those that are copies: they come after what they are copies of. */

import { failureReports } from "../failure-reports.ts";
import { followedHome } from "../follow/followed-wraps.ts";
import { addPage } from "../rewrap-counts.ts";
import { rewrapPage } from "../rewrap-page.ts";
import type { PageEnd, RunPage } from "./phase.ts";
import { scanPage } from "./scan-page.ts";

export const rewrapPhase: RunPage = async (
  segment,
  work,
  { signal, halt, swapWithinMs, concurrency, pageSize, consistent },
) => {
  const { store, kms, admit, campaigns, order, at } = work;
  // What a first sweep missed, a later one must not.
  const scanned = await scanPage(segment, (...scan) => store.scan(...scan), {
    signal,
    pageSize,
    consistent: consistent ?? segment.sweep > 1,
  });
  if ("stop" in scanned) return { kind: "stopped", stop: scanned.stop };

  const { malformed } = scanned;
  const wraps = scanned.wraps.filter((wrap) => followedHome(wrap, order.target) === undefined);
  const followed = scanned.wraps.length - wraps.length;
  const now = () => new Date(at());
  const result = await rewrapPage(
    wraps,
    order,
    { kms, store, admit, now },
    { signal, halt, swapWithinMs, concurrency },
  );
  signal?.throwIfAborted();
  const place = { store: store.name, region: store.region, at: at() };
  // Before the checkpoint: a failure that nobody recorded would be passed over for good.
  const failures = failureReports(place, wraps, result.outcomes, malformed);
  await campaigns.recordFailures(segment.campaignId, failures, { signal });
  if (result.stop) return { kind: "stopped", stop: result.stop } satisfies PageEnd;
  if (result.outcomes.some(({ kind }) => kind === "left")) return { kind: "halted" };
  const counts = addPage(segment.counts, result.outcomes, { malformed: malformed.length, followed });
  return work.save(segment, scanned.cursor, counts);
};
