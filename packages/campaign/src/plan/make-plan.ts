/** What a campaign would do, cost and take, from what was counted and described. Pure: nothing is asked, nothing stored. */

import type { CampaignTarget, FollowedWraps } from "@dekhand/store";
import type { StoreCensus } from "../census.ts";
import { CampaignError } from "../errors.ts";
import { countOthers, countWraps } from "./count-wraps.ts";
import { addKmsCalls, planKmsCalls } from "./kms-calls.ts";
import { planAssumptions } from "./plan-assumptions.ts";
import { planDollars } from "./plan-dollars.ts";
import { keysOf, planRates, planRegions, type Rates } from "./plan-durations.ts";
import type { CampaignPlan, PlanInput, PlannedCopies, PlannedStore, PlanOptions, TargetPlan } from "./plan-types.ts";
import { planWarnings } from "./plan-warnings.ts";

/** Throws CAMPAIGN_PLAN_INVALID where a target has no census, or its store is not described. */
export function makePlan(input: PlanInput, options: PlanOptions): CampaignPlan {
  const { kind, keys, stores } = input;
  const { settings, controls, prices, now } = options;
  const rates = planRates(keys, options);
  const counted = input.targets.map((target) => ({ target, ...findFor(target, input) }));
  const targets = counted.map((one) => planTarget(one, rates, input, options));
  const regions = planRegions(targets, keys, rates);
  const seconds = Math.max(0, ...regions.map((region) => region.seconds));
  const leftAlone = sumOthers(counted);
  const toRewrap = targets.reduce((sum, { stale, unknown }) => sum + stale + unknown, 0);
  return {
    kind,
    settings,
    controls,
    keys,
    targets,
    regions,
    leftAlone,
    totals: {
      wraps: targets.reduce((sum, { wraps }) => sum + wraps, 0),
      toRewrap,
      toCopy: targets.reduce((sum, { following }) => sum + following, 0),
      kmsCalls: addKmsCalls(targets.map(({ kmsCalls }) => kmsCalls)),
      dollars: planDollars(targets, stores, options),
      seconds,
    },
    warnings: planWarnings({
      kind,
      targets,
      regions,
      keys,
      leftAlone,
      stores,
      seconds,
      now,
      onDemandRotations: prices.kms.onDemandRotations,
      keyStoreRate: rates.ofKeyStore,
    }),
    assumptions: planAssumptions(input, options),
    prices: { asOf: prices.asOf, sources: prices.sources },
  };
}

interface CountedTarget {
  readonly target: CampaignTarget;
  readonly census: StoreCensus;
  readonly store: PlannedStore;
}

function planTarget(
  { target, census, store }: CountedTarget,
  rates: Rates,
  { kind }: PlanInput,
  { settings }: PlanOptions,
): TargetPlan {
  const counts = countWraps(census, target, { kind, labels: store.labels });
  const kmsCalls = planKmsCalls({ kind, target, counts, store, settings });
  const { region, sources, keyArn, material, follows } = target;
  return {
    store: target.store,
    region,
    sources,
    keyArn,
    ...(material === undefined ? {} : { material }),
    ...(follows === undefined ? {} : { follows: planCopies(follows) }),
    ...counts,
    kmsCalls,
    seconds: kmsCalls.total / rates.ofKeys(region, keysOf(target)),
  };
}

function planCopies({ homes, all }: FollowedWraps): PlannedCopies {
  return { regions: [...new Set(Object.values(homes))].sort(), all };
}

function findFor({ store, region }: CampaignTarget, { censuses, stores }: PlanInput) {
  const isThere = (one: { readonly store: string; readonly region: string }) =>
    one.store === store && one.region === region;
  const census = censuses.find(isThere);
  const planned = stores.find(isThere);
  if (census && planned) return { census, store: planned };
  throw new CampaignError("CAMPAIGN_PLAN_INVALID", "a target's wraps were not counted, or its store is not described", {
    context: { store, region },
  });
}

function sumOthers(targets: readonly CountedTarget[]): CampaignPlan["leftAlone"] {
  const wrapsOf = new Map<string, number>();
  for (const { target, census, store } of targets) {
    for (const [keyArn, wraps] of countOthers(census, target, store.labels)) {
      wrapsOf.set(keyArn, (wrapsOf.get(keyArn) ?? 0) + wraps);
    }
  }
  return [...wrapsOf].map(([keyArn, wraps]) => ({ keyArn, wraps })).sort((a, b) => b.wraps - a.wraps);
}
