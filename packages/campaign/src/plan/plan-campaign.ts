/** Plans a campaign: finds its targets, counts their wraps, reckons. It reads only; nothing is stored. */

import type { CallOptions } from "@dekhand/kms";
import type { QuotaConfig, WrapStoreConfig } from "@dekhand/runtime";
import type { CampaignControls, WrapStore } from "@dekhand/store";
import { takeCensus } from "../census.ts";
import type { CampaignSettings } from "../settings.ts";
import type { WrapAccess } from "../wrap-access.ts";
import type { WrapPlace } from "./choose-places.ts";
import { makePlan } from "./make-plan.ts";
import type { CampaignPlan, PlannedStore, PlanOptions } from "./plan-types.ts";
import { PRICE_TABLE } from "./price-table.ts";
import {
  type CampaignRequest,
  type ResolvedTargets,
  type ResolveTargetsDeps,
  resolveTargets,
} from "./resolve-targets.ts";

export interface PlannedCampaignRequest extends CampaignRequest {
  readonly settings: CampaignSettings;
  readonly controls: CampaignControls;
}

export interface PlannablePlace extends WrapPlace, Pick<WrapAccess, "matches"> {
  readonly store: Pick<WrapStore, "name" | "region" | "labels" | "segments" | "scan">;
  readonly kind: "dekhand" | WrapStoreConfig["kind"];
}

export interface PlanCampaignDeps extends Omit<ResolveTargetsDeps, "all"> {
  readonly all: readonly PlannablePlace[];
  readonly quota: QuotaConfig;
  /** The account's cryptographic calls a second, where it can be asked for. Default: the configuration's, else AWS's. */
  cryptoQuota?(region: string, options?: CallOptions): Promise<number | undefined>;
}

export interface PlanCampaignOptions extends CallOptions, Pick<PlanOptions, "cloudTrailCopies" | "kmsFreeCallsLeft"> {
  /** So many wraps more have been counted. */
  readonly onProgress?: (wraps: number) => void;
  /** Default: now. */
  readonly now?: Date;
}

export interface PlannedCampaign extends ResolvedTargets {
  readonly plan: CampaignPlan;
}

/** Throws as `resolveTargets`, and StoreErrors where a store could not be counted: half a census is none. */
export async function planCampaign(
  request: PlannedCampaignRequest,
  deps: PlanCampaignDeps,
  options: PlanCampaignOptions = {},
): Promise<PlannedCampaign> {
  const { signal, onProgress, now = new Date(), cloudTrailCopies = 1, kmsFreeCallsLeft = 0 } = options;
  const resolved = await resolveTargets(request, deps, { signal });
  const { targets, keys, leftOut } = resolved;
  const places = deps.all.filter(({ store }) =>
    targets.some((target) => target.store === store.name && target.region === store.region),
  );
  const accountQuotas = await askQuotas(places, deps, signal);
  const censuses = await takeCensus(
    places.map(({ store }) => reporting(store, onProgress)),
    { signal },
  );
  const { kind, settings, controls } = request;
  const plan = makePlan(
    { kind, targets, keys, censuses, stores: places.map(describePlace), leftOut },
    {
      settings,
      controls,
      quota: deps.quota,
      accountQuotas,
      cloudTrailCopies,
      kmsFreeCallsLeft,
      now,
      prices: PRICE_TABLE,
    },
  );
  return { ...resolved, plan };
}

async function askQuotas(
  places: readonly PlannablePlace[],
  { cryptoQuota }: PlanCampaignDeps,
  signal: AbortSignal | undefined,
): Promise<Readonly<Record<string, number>>> {
  if (!cryptoQuota) return {};
  const regions = [...new Set(places.map(({ store }) => store.region))];
  const asked = await Promise.all(
    regions.map(async (region) => [region, await cryptoQuota(region, { signal })] as const),
  );
  return Object.fromEntries(asked.flatMap(([region, quota]) => (quota === undefined ? [] : [[region, quota]])));
}

function reporting(
  { name, region, segments, scan }: PlannablePlace["store"],
  onProgress: PlanCampaignOptions["onProgress"],
): Pick<WrapStore, "name" | "region" | "segments" | "scan"> {
  return {
    name,
    region,
    segments,
    async scan(segment, scanOptions) {
      const page = await scan(segment, scanOptions);
      onProgress?.(page.wraps.length);
      return page;
    },
  };
}

/** A wrap's item has about half a kilobyte; beside each of Dekhand's own stands the item of its DEK, which a scan reads, too. */
const ITEM_BYTES = 512;

function describePlace({ store, matches, kind }: PlannablePlace): PlannedStore {
  const readBytes = kind === "dekhand" ? 2 * ITEM_BYTES : ITEM_BYTES;
  const isInDynamodb = kind === "dekhand" || kind === "dynamodb";
  return {
    store: store.name,
    region: store.region,
    labels: store.labels,
    hasCommitments: matches !== undefined,
    ...(isInDynamodb ? { dynamodb: { readBytes, writtenBytes: ITEM_BYTES } } : {}),
  };
}
