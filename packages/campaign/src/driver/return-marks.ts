import type { CallOptions } from "@dekhand/store";
import type { StepDeps } from "./step.ts";

/** A campaign that was cancelled or has failed leaves no key: its marks in the Region are taken back. */
export async function returnMarks(
  region: string,
  { campaigns, leftKeys }: Pick<StepDeps, "campaigns" | "leftKeys">,
  options: CallOptions,
): Promise<void> {
  for (const { keyArn, campaignId } of await leftKeys(region).listLeftKeys(options)) {
    const status = (await campaigns.get(campaignId, options))?.status;
    if (status !== "cancelled" && status !== "failed") continue;
    await leftKeys(region).returnToKey(keyArn, { campaignId, marks: "own" }, options);
  }
}
