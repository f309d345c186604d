import {
  type PlanCampaignDeps,
  type PlanCampaignOptions,
  type PlannedCampaign,
  type PlannedCampaignRequest,
  planCampaign,
  type ResolvedTargets,
  resolveTargets,
} from "@dekhand/campaign";
import { profilesAtHome } from "@dekhand/deks";
import { type CallOptions, createServiceQuotas } from "@dekhand/kms";
import type { Connection } from "../../connect.ts";

export type CampaignConnection = Pick<Connection, "config" | "clients" | "logger" | "kms" | "stores" | "wrapAccess">;

/** Targets, locks and plan of a campaign, from what is in the stores now. Stores nothing; throws as `planCampaign`. */
export async function prepareCampaign(
  connection: CampaignConnection,
  request: PlannedCampaignRequest,
  options: PlanCampaignOptions = {},
): Promise<PlannedCampaign> {
  return planCampaign(request, await planDeps(connection), options);
}

/** Targets and locks alone: nothing is counted. Throws as `resolveTargets`. */
export async function resolveRequest(
  connection: CampaignConnection,
  request: PlannedCampaignRequest,
  options: CallOptions = {},
): Promise<ResolvedTargets> {
  return resolveTargets(request, await planDeps(connection), options);
}

async function planDeps(connection: CampaignConnection): Promise<PlanCampaignDeps> {
  const { config, kms } = connection;
  const { all } = await connection.wrapAccess();
  const places = all.map(({ store, matches }) => {
    const foreign = Object.hasOwn(config.wrapStores, store.name) ? config.wrapStores[store.name] : undefined;
    return {
      store,
      kind: foreign?.kind ?? ("dekhand" as const),
      ...(matches === undefined ? {} : { matches }),
      ...(foreign === undefined ? {} : { keys: foreign.keys }),
    };
  });
  return {
    all: places,
    profiles: async (call) => profilesAtHome(config.profiles, (await connection.stores(config.control)).state, call),
    quota: config.quota,
    describeKey: (region, reference, call) => kms(region).describeKey(reference, call),
    listKeyRotations: (region, keyArn, call) => kms(region).listKeyRotations(keyArn, call),
    ...askedQuota(connection),
  };
}

/** As the workers find the account's quota: what the configuration names needs no asking. */
function askedQuota({ config, clients, logger }: CampaignConnection) {
  const { source, regions } = config.quota;
  if (source !== "service-quotas") return {};
  const quotas = createServiceQuotas({ clientFor: (region) => clients.region(region).serviceQuotas, logger });
  const cryptoQuota: typeof quotas.cryptoQuota = async (region, options) =>
    Object.hasOwn(regions, region) ? undefined : quotas.cryptoQuota(region, options);
  return { cryptoQuota };
}
