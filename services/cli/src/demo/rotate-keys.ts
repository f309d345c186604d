/**
 * The profile's key gets new material, then the profile another key; after each,
 * a campaign brings the wraps there. What is counted in between is counted anew,
 * not taken from what a campaign says of itself.
 */

import type { CampaignRequest } from "@dekhand/campaign";
import type { Profile } from "@dekhand/runtime";
import { type CommandContext, note } from "../command-context.ts";
import type { RunningDeployment } from "../embedded/run-deployment.ts";
import type { Embedded } from "../embedded/start-embedded.ts";
import { type CensusRow, countWraps } from "./census-rows.ts";
import { changeKey, rotateMaterial } from "./key-changes.ts";
import { type RanCampaign, runCampaign } from "./run-campaign.ts";

export interface DemoCampaign extends RanCampaign {
  readonly censusBefore: readonly CensusRow[];
  readonly censusAfter: readonly CensusRow[];
}

export interface RotatedKeys {
  /** One that is not complete is the last one. */
  readonly campaigns: readonly DemoCampaign[];
  readonly census: { readonly before: readonly CensusRow[]; readonly after: readonly CensusRow[] };
}

export interface RotateKeysDeps {
  readonly embedded: Pick<Embedded, "configFile">;
  readonly deployment: RunningDeployment;
  readonly context: CommandContext;
}

/** Without `campaigns`, the wraps are only counted. */
export async function rotateKeys(
  profile: Profile,
  deps: RotateKeysDeps,
  { campaigns: wanted }: { readonly campaigns: boolean },
): Promise<RotatedKeys> {
  const { deployment, context } = deps;
  const { signal } = context;
  const count = () => countWraps(deployment.connection, signal);
  const before = await count();
  if (!wanted) return { campaigns: [], census: { before, after: before } };
  const campaigns: DemoCampaign[] = [];

  const follow = async (change: () => Promise<CampaignRequest>): Promise<boolean> => {
    const request = await change();
    const censusBefore = await count();
    const ran = await runCampaign(request, deployment.connection, context);
    campaigns.push({ ...ran, censusBefore, censusAfter: await count() });
    return ran.state === "complete";
  };

  note(context, `rotating the material of ${profile.key}, and every wrap with it`);
  if (await follow(() => rotateMaterial(profile, { ...deps, signal }))) {
    note(context, `pointing ${profile.key} at a new key, restarting the services, and moving every wrap to it`);
    await follow(() => changeKey(profile, { ...deps, signal }));
  }
  return { campaigns, census: { before, after: campaigns.at(-1)?.censusAfter ?? before } };
}
