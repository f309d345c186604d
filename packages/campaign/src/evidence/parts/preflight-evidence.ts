import type { CallOptions, CampaignStore, Segment } from "@dekhand/store";
import { preflightDocument, readFindings } from "../../phases/preflight-findings.ts";
import type { Evidence } from "../schema/evidence-schema.ts";

type Preflight = Evidence["preflight"][number];

/** What workers found out about each target before the campaign began. */
export async function preflightEvidence(
  campaigns: Pick<CampaignStore, "getDocument">,
  segments: readonly Segment[],
  options: CallOptions,
): Promise<Evidence["preflight"]> {
  const found: Preflight[] = [];
  for (const { campaignId, number, phase, store, region, state } of segments) {
    if (phase !== "preflight") continue;
    const document = await campaigns.getDocument(campaignId, preflightDocument(number), options);
    const findings = document === undefined ? undefined : readFindings(document);
    const checks = findings?.checks.map(withoutAbsent);
    found.push({ segment: number, store, region, done: state === "done", ...(checks ? { checks } : {}) });
  }
  return found;
}

type Check = NonNullable<Preflight["checks"]>[number];

/** A field that is undefined is one that the document does not have. */
function withoutAbsent({
  check,
  key,
  ok,
  code,
  message,
}: { readonly [Field in keyof Check]: Check[Field] | undefined } & Pick<Check, "check" | "ok">): Check {
  return {
    check,
    ...(key === undefined ? {} : { key }),
    ok,
    ...(code === undefined ? {} : { code }),
    ...(message === undefined ? {} : { message }),
  };
}
