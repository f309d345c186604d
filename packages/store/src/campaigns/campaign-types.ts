import type { CallOptions } from "../dynamodb/call-options.ts";

export const CAMPAIGN_KINDS = ["rotation", "key", "reseal"] as const;

/**
 * - `rotation`: the same key, its current material.
 * - `key`: from key to key.
 * - `reseal`: records sealed again under new DEKs.
 */
export type CampaignKind = (typeof CAMPAIGN_KINDS)[number];

export const CAMPAIGN_STATUSES = [
  "planned",
  "preflight",
  "canary",
  "running",
  "paused",
  "verifying",
  "complete",
  "cancelled",
  "failed",
] as const;

/**
 * `planned -> preflight -> canary -> running -> verifying -> complete`.
 * - `verifying` goes back to `running` where the closing census finds more to do.
 * - `paused`: from `canary`, `running` or `verifying`, and back to that one.
 * - `cancelled`: from every state above. `failed`: from `preflight`, `canary` and `verifying`.
 * - `complete`, `cancelled` and `failed` are ends: nothing leaves them.
 *
 * Which change is allowed when, `@dekhand/campaign` decides; the store only sees
 * to it that a change is made to the campaign that was read.
 */
export type CampaignStatus = (typeof CAMPAIGN_STATUSES)[number];

/** Whether a campaign of that status has ended, and holds no locks any more. */
export function isEnded(status: CampaignStatus): boolean {
  return status === "complete" || status === "cancelled" || status === "failed";
}

/** The wraps of one store in one Region, and what they are to be wrapped under. */
export interface CampaignTarget {
  /** A wrap store's name. */
  readonly store: string;
  readonly region: string;
  /** ARNs of the keys whose wraps the campaign concerns. */
  readonly sources: readonly string[];
  /** ARN of the key to wrap under; of a rotation, the source. */
  readonly keyArn: string;
  /** The key material to wrap under, where KMS tells it. */
  readonly material?: string;
  /** ISO 8601: when that material became current. Of rotations. */
  readonly rotatedAt?: string;
  /** Which of the wraps are copies of another Region's. Absent: none. */
  readonly follows?: FollowedWraps;
}

/** Wraps under a multi-Region key that are made in one Region and copied to others: copies are not re-encrypted. */
export interface FollowedWraps {
  /** By profile, the Region whose wraps those of the profile are copies of. */
  readonly homes: Readonly<Record<string, string>>;
  /** No wrap but those is concerned. */
  readonly all: boolean;
}

/** What can be changed while a campaign lives. */
export interface CampaignControls {
  /** The part of the deployment's KMS quota that the campaign may use, above 0 and at most 1. */
  readonly share?: number;
}

/** Who did something to a campaign, when and why. */
export interface CampaignAct {
  /** ISO 8601. */
  readonly at: string;
  /** An operator, or the part of Dekhand that acted by itself. */
  readonly actor: string;
  /** In words; no secrets. Cut at 1,000 characters. */
  readonly reason: string;
}

/** One entry of a campaign's history. */
export interface CampaignEvent extends CampaignAct {
  /** The campaign's version after it: entries are in its order, without gaps. */
  readonly seq: number;
  /** Absent: the campaign was created. Equal to `to`: its controls were changed. */
  readonly from?: CampaignStatus;
  readonly to: CampaignStatus;
  /** The controls from then on, where they were changed. */
  readonly controls?: CampaignControls;
}

export interface NewCampaign extends CampaignAct {
  /** 1 to 64 of `A-Z a-z 0-9 - _`. Campaigns are listed by descending id, so a UUIDv7 puts the newest first. */
  readonly id: string;
  readonly kind: CampaignKind;
  readonly targets: readonly CampaignTarget[];
  /** Small texts by name, fixed for its life; at most 32,000 bytes. What they mean is the affair of `@dekhand/campaign`. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly controls?: CampaignControls;
}

export interface Campaign {
  readonly id: string;
  readonly kind: CampaignKind;
  readonly status: CampaignStatus;
  /** The status to go back to; while `paused` only. */
  readonly pausedFrom?: CampaignStatus;
  readonly targets: readonly CampaignTarget[];
  readonly settings: Readonly<Record<string, string>>;
  readonly controls: CampaignControls;
  /** Small texts by name that its steps left, such as the hash of its evidence. */
  readonly facts: Readonly<Record<string, string>>;
  /** The keys that it locked when it was created. */
  readonly locks: readonly string[];
  readonly createdAt: string;
  readonly createdBy: string;
  /** Counts the changes to this item, from 1. */
  readonly version: number;
  /** The newest entry of its history. */
  readonly last: CampaignEvent;
}

export interface CampaignTransition extends CampaignAct {
  /** The version that was read. */
  readonly version: number;
  /** The status that was read. */
  readonly from: CampaignStatus;
  readonly to: CampaignStatus;
  /** Facts to add or replace; all together at most 16,000 bytes. Larger texts are documents. */
  readonly set?: Readonly<Record<string, string>>;
}

export interface ControlsChange extends CampaignAct {
  /** Replaces what was set before. */
  readonly controls: CampaignControls;
}

export interface CampaignPage<T> {
  readonly entries: readonly T[];
  /** Ids of items that this version cannot read. */
  readonly malformed: readonly string[];
  /** Hand it back for the next page; absent on the last one. */
  readonly cursor?: string;
}

export interface CampaignPageOptions extends CallOptions {
  readonly cursor?: string | undefined;
  /** Items read a page, at most. Default 100. */
  readonly limit?: number;
}
