/** Parts of plans, small enough to be reckoned with by hand. */

import type { QuotaConfig } from "@dekhand/runtime";
import type { CampaignTarget, WrapLabels } from "@dekhand/store";
import type { StoreCensus } from "../../census.ts";
import type { CensusGroup } from "../../census-tally.ts";
import { DEFAULT_SETTINGS } from "../../settings.ts";
import type { ConcernedKey, PlanInput, PlannedStore, PlanOptions } from "../plan-types.ts";
import { PRICE_TABLE } from "../price-table.ts";

export const region = "us-east-1";
export const oldKey = arnOf("old");
export const newKey = arnOf("new");

export const allLabels: WrapLabels = { keyArn: true, material: true, campaign: true };
export const noLabels: WrapLabels = { keyArn: false, material: false, campaign: false };

export function arnOf(name: string, where = region): string {
  return `arn:aws:kms:${where}:000000000000:key/${name}`;
}

export function group(keyArn: string | undefined, count: number, material?: string): CensusGroup {
  return {
    ...(keyArn === undefined ? {} : { keyArn }),
    ...(material === undefined ? {} : { material }),
    swapped: false,
    count,
  };
}

export function key(arn: string, changes: Partial<ConcernedKey> = {}): ConcernedKey {
  return {
    arn,
    region,
    use: arn === oldKey ? "source" : "target",
    enabled: true,
    state: "Enabled",
    usage: "ENCRYPT_DECRYPT",
    spec: "SYMMETRIC_DEFAULT",
    multiRegion: false,
    ...changes,
  };
}

export interface SampleTarget {
  readonly groups: readonly CensusGroup[];
  readonly census?: Partial<StoreCensus>;
  readonly target?: Partial<CampaignTarget>;
  readonly store?: Partial<PlannedStore>;
}

/** A target of Dekhand's own store, from the old key to the new one, unless it is changed. */
export function inputOf(
  kind: PlanInput["kind"],
  targets: readonly SampleTarget[],
  keys: readonly ConcernedKey[] = [key(oldKey), key(newKey)],
): PlanInput {
  const made = targets.map((each) => {
    const target: CampaignTarget = { store: "dekhand", region, sources: [oldKey], keyArn: newKey, ...each.target };
    const place = { store: target.store, region: target.region };
    const census: StoreCensus = { ...place, groups: each.groups, unlisted: 0, malformed: 0, ...each.census };
    const dynamodb = { readBytes: 1_024, writtenBytes: 512 };
    const store: PlannedStore = { ...place, labels: allLabels, hasCommitments: true, dynamodb, ...each.store };
    return { target, census, store };
  });
  return {
    kind,
    keys,
    targets: made.map(({ target }) => target),
    censuses: made.map(({ census }) => census),
    stores: made.map(({ store }) => store),
  };
}

/** Half of the account's quota; of the nine tenths that floors leave, campaigns take six. */
export const quota: QuotaConfig = {
  share: { part: 0.5 },
  reserve: 0.2,
  campaign: 0.6,
  floor: 0.1,
  workers: 10,
  source: "defaults",
  regions: {},
};

export function options(changes: Partial<PlanOptions> = {}): PlanOptions {
  return {
    settings: DEFAULT_SETTINGS,
    controls: {},
    quota,
    now: new Date("2026-11-26T12:00:00Z"),
    prices: PRICE_TABLE,
    ...changes,
  };
}
