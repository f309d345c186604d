import type { Campaign, CampaignStore } from "@dekhand/store";
import type { CommandContext } from "../../command-context.ts";
import type { Connection } from "../../connect.ts";
import { CliError } from "../../errors.ts";

/** The campaigns of the deployment, in its control Region. */
export async function openCampaigns(connection: Pick<Connection, "config" | "stores">): Promise<CampaignStore> {
  const { campaigns } = await connection.stores(connection.config.control);
  return campaigns;
}

/** Throws CLI_CAMPAIGN_NOT_FOUND. */
export async function requireCampaign(
  campaigns: Pick<CampaignStore, "get">,
  id: string,
  signal: AbortSignal,
): Promise<Campaign> {
  const found = await campaigns.get(id, { signal });
  if (found) return found;
  throw new CliError("CLI_CAMPAIGN_NOT_FOUND", "there is no such campaign", { context: { campaignId: id } });
}

/** Who acts, for the campaign's history: what the operator's shell says, which is no proof of who it was. */
export function actorOf({ env }: Pick<CommandContext, "env">): string {
  return env.USER || env.LOGNAME || "operator";
}

export function actOf(context: CommandContext, reason: string) {
  return { at: new Date().toISOString(), actor: actorOf(context), reason };
}
