/** What would make a campaign fail, stall or mean less than it seems to. */

import { keyWarnings } from "./key-warnings.ts";
import type { CampaignPlan, PlannedStore, RegionPlan, RewrapKind, TargetPlan } from "./plan-types.ts";
import { counted, type PlanWarning } from "./plan-warning.ts";

export interface WarningInput extends Pick<CampaignPlan, "kind" | "targets" | "regions" | "keys" | "leftAlone"> {
  readonly stores: readonly PlannedStore[];
  /** Of the whole campaign. */
  readonly seconds: number;
  readonly now: Date;
  readonly onDemandRotations: number;
  readonly keyStoreRate: (region: string, keyStore: string) => number;
}

export function planWarnings(input: WarningInput): readonly PlanWarning[] {
  const { kind, targets, regions, stores, leftAlone, seconds } = input;
  return [
    ...input.keys.flatMap((key) => keyWarnings(key, input)),
    ...targets.flatMap((target) => targetWarnings(target, kind, stores)),
    ...leftAloneWarnings(leftAlone),
    ...quotaWarnings(regions),
    ...(seconds > DAY_SECONDS ? [slow(seconds)] : []),
    ...(targets.every(({ stale, unknown, following }) => stale + unknown + following === 0) ? [nothingToDo] : []),
  ];
}

const DAY_SECONDS = 86_400;

const nothingToDo: PlanWarning = {
  code: "NOTHING_TO_REWRAP",
  message: "no wrap needs to be rewrapped, by the labels of the stores",
};

function slow(seconds: number): PlanWarning {
  const hours = Math.round(seconds / 3_600);
  return {
    code: "LONGER_THAN_A_DAY",
    message: `at this share the campaign takes about ${counted(hours, "hour")}; a larger share, or a higher quota, shortens it`,
  };
}

function targetWarnings(target: TargetPlan, kind: RewrapKind, stores: readonly PlannedStore[]): PlanWarning[] {
  const { store, region, malformed, withoutMaterial } = target;
  const where = `${store} in ${region}`;
  const planned = stores.find((one) => one.store === store && one.region === region);
  const warnings: PlanWarning[] = [];
  if (planned && !planned.labels.keyArn) warnings.push(unlabelled(where, kind, planned));
  if (withoutMaterial > 0) {
    warnings.push({
      code: "WRAPS_WITHOUT_MATERIAL",
      message:
        `${counted(withoutMaterial, "wrap")} of ${where} do not say their key material: they become current because ` +
        "this campaign swaps them, or are by the time they were made, which evidence counts apart",
    });
  }
  if (malformed > 0) {
    warnings.push({
      code: "WRAPS_MALFORMED",
      message:
        `${counted(malformed, "item")} of ${where} cannot be read as wraps: each becomes a failure, and the campaign ` +
        "does not complete until it is mended or skipped",
    });
  }
  return warnings;
}

function unlabelled(where: string, kind: RewrapKind, { labels }: PlannedStore): PlanWarning {
  const how =
    kind === "rotation"
      ? "a rotation is one pass over all its wraps, and its evidence says that each was swapped once"
      : labels.campaign
        ? "each wrap is tried under the keys to leave, one after the other"
        : "each wrap is tried under the keys to leave, and the closing census asks KMS by a dry run a wrap";
  return {
    code: "STORE_WITHOUT_KEY_LABEL",
    message:
      `${where} does not keep which key a wrap is under: ${how}. Its owner has to confirm which key the application ` +
      "writes with, and that its readers may decrypt under the target",
  };
}

function leftAloneWarnings(leftAlone: CampaignPlan["leftAlone"]): PlanWarning[] {
  return leftAlone.map(({ keyArn, wraps }) => ({
    code: "WRAPS_LEFT_ALONE",
    message: `${counted(wraps, "wrap")} under ${keyArn}, which this campaign does not concern, stay as they are`,
  }));
}

function quotaWarnings(regions: readonly RegionPlan[]): PlanWarning[] {
  const highest = Math.max(...regions.map(({ accountQuota }) => accountQuota));
  const slowest = Math.max(...regions.map(({ seconds }) => seconds));
  return regions
    .filter(({ accountQuota }) => accountQuota < highest)
    .map(({ region, accountQuota, seconds }) => {
      const quotas = `${region} allows ${counted(accountQuota, "call")} a second, where another Region allows ${highest.toLocaleString("en-US")}`;
      const decides = seconds === slowest ? "; it decides how long the campaign takes" : "";
      return { code: "QUOTA_LOWER_IN_REGION", message: quotas + decides };
    });
}
