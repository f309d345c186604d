/** What a plan is made from, and what it says. */

import type { KeyDescription, KeyRotation } from "@dekhand/kms";
import type { QuotaConfig } from "@dekhand/runtime";
import type { CampaignControls, CampaignKind, CampaignTarget, WrapLabels } from "@dekhand/store";
import type { StoreCensus } from "../census.ts";
import type { CampaignSettings } from "../settings.ts";
import type { PlanWarning } from "./plan-warning.ts";
import type { PriceTable } from "./price-table.ts";

/** Kinds whose targets are wraps. */
export type RewrapKind = Exclude<CampaignKind, "reseal">;

/** A key that a campaign concerns, as KMS described it. */
export interface ConcernedKey extends KeyDescription {
  readonly region: string;
  readonly use: "source" | "target" | "source and target";
  /** Absent: KMS did not tell, or was not asked. */
  readonly rotations?: readonly KeyRotation[];
}

/** What a plan has to know of a store in one Region. */
export interface PlannedStore {
  readonly store: string;
  readonly region: string;
  readonly labels: WrapLabels;
  /** Whether it can tell a right DEK by itself, by a commitment. */
  readonly hasCommitments: boolean;
  /** Bytes that a scan reads, and a swap writes, for each wrap. Absent: it is not in DynamoDB, and is not priced. */
  readonly dynamodb?: { readonly readBytes: number; readonly writtenBytes: number };
}

export interface PlanInput {
  readonly kind: RewrapKind;
  readonly targets: readonly CampaignTarget[];
  readonly keys: readonly ConcernedKey[];
  /** One for each target. */
  readonly censuses: readonly StoreCensus[];
  /** One for each target. */
  readonly stores: readonly PlannedStore[];
  /** Names of stores that the keys do not concern, by their configuration. */
  readonly leftOut?: readonly string[];
}

export interface PlanOptions {
  readonly settings: CampaignSettings;
  readonly controls: CampaignControls;
  readonly quota: QuotaConfig;
  /** Cryptographic calls a second of the account, by Region, where it was asked for. Default: the configuration's, AWS's. */
  readonly accountQuotas?: Readonly<Record<string, number>>;
  /** Copies of management events that CloudTrail delivers, the free first one included. Default 1. */
  readonly cloudTrailCopies?: number;
  /** Of KMS's free requests of this month. Default 0: others have used them. */
  readonly kmsFreeCallsLeft?: number;
  readonly now: Date;
  readonly prices: PriceTable;
}

/** The wraps of one target, by what their labels say. */
export interface WrapCounts {
  /** All that can be read; the sum of the next five. */
  readonly wraps: number;
  readonly current: number;
  readonly stale: number;
  /** No label tells which key they are under: each is tried. */
  readonly unknown: number;
  /** Copies that follow home's wraps: not current, and brought along by copying, without a call to KMS. */
  readonly following: number;
  /** Under keys that the campaign does not concern: they are left as they are. */
  readonly other: number;
  /** Of the stale ones of a rotation: under the key, and no label tells which material. */
  readonly withoutMaterial: number;
  /** What cannot be read as a wrap. */
  readonly malformed: number;
}

export interface KmsCalls {
  readonly rewrap: number;
  /** Of the canary and of the sample. */
  readonly probes: number;
  readonly preflight: number;
  /** Where no label tells which key a wrap is under: the closing census asks KMS, by a dry run each. */
  readonly dryRunCensus: number;
  readonly total: number;
}

export interface TargetPlan extends WrapCounts {
  readonly store: string;
  readonly region: string;
  readonly sources: readonly string[];
  readonly keyArn: string;
  readonly material?: string;
  /** Absent: none of its wraps is a copy. */
  readonly follows?: PlannedCopies;
  readonly kmsCalls: KmsCalls;
  /** At the campaign's share, if this target had it for itself. */
  readonly seconds: number;
}

export interface PlannedCopies {
  /** The Regions whose wraps are copied. */
  readonly regions: readonly string[];
  /** All of the target's wraps are copies. Otherwise no count tells them apart, and all are reckoned as the target's own. */
  readonly all: boolean;
}

export interface RegionPlan {
  readonly region: string;
  /** Of the account, cryptographic calls a second. */
  readonly accountQuota: number;
  /** What the campaign may take of it. */
  readonly callsPerSecond: number;
  readonly kmsCalls: number;
  readonly seconds: number;
}

/** US dollars. */
export interface PlanDollars {
  readonly kms: number;
  readonly dynamodbWrites: number;
  readonly dynamodbScans: number;
  readonly cloudTrail: number;
  readonly total: number;
}

export interface PlanTotals {
  readonly wraps: number;
  /** Stale or unknown. */
  readonly toRewrap: number;
  /** Following. */
  readonly toCopy: number;
  readonly kmsCalls: KmsCalls;
  readonly dollars: PlanDollars;
  /** Regions are worked at side by side: the slowest one's. */
  readonly seconds: number;
}

export interface CampaignPlan {
  readonly kind: RewrapKind;
  readonly settings: CampaignSettings;
  readonly controls: CampaignControls;
  readonly keys: readonly ConcernedKey[];
  readonly targets: readonly TargetPlan[];
  readonly regions: readonly RegionPlan[];
  /** Wraps under keys that the campaign does not concern, the most first. */
  readonly leftAlone: readonly { readonly keyArn: string; readonly wraps: number }[];
  readonly totals: PlanTotals;
  readonly warnings: readonly PlanWarning[];
  /** What was taken for granted, in words. */
  readonly assumptions: readonly string[];
  readonly prices: Pick<PriceTable, "asOf" | "sources">;
}
