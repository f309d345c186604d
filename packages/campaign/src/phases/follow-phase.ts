/**
 * Copies in a page are brought to what their home Regions have, once wraps have
 * been rewrapped there. Where a target has copies only, anything else among its
 * wraps is treated as a sweep would.
 */

import { failureReports } from "../failure-reports.ts";
import { bringPage } from "../follow/bring-page.ts";
import { followedHome, hasOwnWraps } from "../follow/followed-wraps.ts";
import { addPage } from "../rewrap-counts.ts";
import type { RunPage } from "./phase.ts";
import { scanPage } from "./scan-page.ts";

export const followPhase: RunPage = async (segment, work, options) => {
  const { store, campaigns, campaign, order, at } = work;
  const { signal, pageSize, consistent } = options;
  const scanned = await scanPage(segment, (...scan) => store.scan(...scan), {
    signal,
    pageSize,
    consistent: consistent ?? segment.sweep > 1,
  });
  if ("stop" in scanned) return { kind: "stopped", stop: scanned.stop };

  const isSwept = hasOwnWraps(order.target);
  const wraps = isSwept
    ? scanned.wraps.filter((wrap) => followedHome(wrap, order.target) !== undefined)
    : scanned.wraps;
  // What cannot be read as a wrap, the sweep has recorded.
  const malformed = isSwept ? [] : scanned.malformed;
  const now = () => new Date(at());
  const result = await bringPage(wraps, { ...order, targets: campaign.targets }, { ...work, now }, options);
  signal?.throwIfAborted();
  const place = { store: store.name, region: store.region, at: at() };
  const failures = failureReports(place, wraps, result.outcomes, malformed);
  await campaigns.recordFailures(segment.campaignId, failures, { signal });
  if (result.stop) return { kind: "stopped", stop: result.stop };
  if (result.outcomes.some(({ kind }) => kind === "left")) return { kind: "halted" };
  const counts = addPage(segment.counts, result.outcomes, { malformed: malformed.length });
  return work.save(segment, scanned.cursor, counts);
};
