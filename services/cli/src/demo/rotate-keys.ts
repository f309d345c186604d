/**
 * The profile's keys get new material, then the profile other keys; after each,
 * a campaign brings the wraps there, in every Region that has some. What is
 * counted in between is counted anew, not taken from what a campaign says of
 * itself.
 */

import type { CampaignRequest } from "@dekhand/campaign";
import type { Profile } from "@dekhand/runtime";
import { type CommandContext, note } from "../command-context.ts";
import type { RunningDeployment } from "../embedded/run-deployment.ts";
import type { Embedded } from "../embedded/start-embedded.ts";
import { type CensusRow, countWraps } from "./census-rows.ts";
import { bringAlong } from "./count-coverage.ts";
import { changeKeys, rotateMaterial } from "./key-changes.ts";
import { regionsWithCopies } from "./new-keys.ts";
import { type RanCampaign, runCampaign } from "./run-campaign.ts";
import type { ReplicationOptions } from "./until-replicated.ts";

export interface DemoCampaign extends RanCampaign {
  readonly censusBefore: readonly CensusRow[];
  /** Of new material: once the reconciler has brought copies in replica Regions along. */
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

export interface RotateKeysOptions extends ReplicationOptions {
  /** Without, the wraps are only counted. */
  readonly campaigns: boolean;
}

export async function rotateKeys(
  profile: Profile,
  deps: RotateKeysDeps,
  { campaigns: wanted, stalledMs }: RotateKeysOptions,
): Promise<RotatedKeys> {
  const { deployment, context } = deps;
  const { signal } = context;
  const count = () => countWraps(deployment.connection, signal);
  const before = await count();
  if (!wanted) return { campaigns: [], census: { before, after: before } };
  const campaigns: DemoCampaign[] = [];

  const copies = regionsWithCopies(profile);

  const follow = async (change: () => Promise<CampaignRequest>, settle = async () => {}): Promise<boolean> => {
    const request = await change();
    const censusBefore = await count();
    const ran = await runCampaign(request, deployment.connection, context);
    const isComplete = ran.state === "complete";
    if (isComplete) await settle();
    campaigns.push({ ...ran, censusBefore, censusAfter: await count() });
    return isComplete;
  };
  const bringCopies = async () => {
    if (copies.length === 0) return;
    note(context, `bringing the copies in ${copies.join(" and ")} along`);
    await bringAlong(profile, copies, { connection: deployment.connection, context }, { stalledMs });
  };

  note(context, `rotating the material of ${profile.key}, and every wrap with it`);
  if (await follow(() => rotateMaterial(profile, { ...deps, signal }), bringCopies)) {
    note(context, `pointing ${profile.key} at new keys, restarting the services, and moving every wrap to them`);
    await follow(() => changeKeys(profile, { ...deps, signal }));
  }
  return { campaigns, census: { before, after: campaigns.at(-1)?.censusAfter ?? before } };
}
