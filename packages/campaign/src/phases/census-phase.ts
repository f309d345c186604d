/** A page of wraps is counted, before the campaign begins. */

import { createTally } from "../census-tally.ts";
import type { RunPage } from "./phase.ts";
import { scanPage } from "./scan-page.ts";

export const censusPhase: RunPage = async (segment, work, { signal, pageSize, consistent = false }) => {
  const scanned = await scanPage(segment, (...scan) => work.store.scan(...scan), { signal, pageSize, consistent });
  if ("stop" in scanned) return { kind: "stopped", stop: scanned.stop };
  const tally = createTally(segment.counts);
  for (const wrap of scanned.wraps) tally.addWrap(wrap, segment.campaignId);
  tally.addMalformed(scanned.malformed.length);
  return work.save(segment, scanned.cursor, tally.counts());
};
