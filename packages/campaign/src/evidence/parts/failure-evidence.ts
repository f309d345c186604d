import type { CallOptions, CampaignFailure, CampaignStore } from "@dekhand/store";
import type { Evidence } from "../schema/evidence-schema.ts";
import { readAll } from "./read-all.ts";

const maxListed = 1_000;

/** All failures counted, and the unresolved ones listed, those that are open first. Memory holds no more than it lists. */
export async function failureEvidence(
  campaigns: Pick<CampaignStore, "listFailures">,
  id: string,
  options: CallOptions,
): Promise<Evidence["failures"]> {
  const counts = { open: 0, skipped: 0, resolved: 0, unreadable: 0 };
  const listed: Record<"open" | "skipped", CampaignFailure[]> = { open: [], skipped: [] };
  for await (const page of readAll((paging) => campaigns.listFailures(id, paging), options)) {
    counts.unreadable += page.malformed.length;
    for (const failure of page.entries) {
      counts[failure.state] += 1;
      if (failure.state !== "resolved" && listed[failure.state].length < maxListed) listed[failure.state].push(failure);
    }
  }
  const unresolved = [...listed.open, ...listed.skipped].slice(0, maxListed);
  return { counts, unresolved, leftOut: counts.open + counts.skipped - unresolved.length };
}
