import type { WrapStoreConfig } from "./wrap-store-config.ts";

/** How a deployment is laid out: the one file that all services read. */
export interface DeploymentConfig {
  /** In front of every table name: `${prefix}-deks`. */
  readonly prefix: string;
  readonly regions: readonly string[];
  /** The Region that is authoritative for state. */
  readonly control: string;
  readonly endpoints: Readonly<Record<string, RegionEndpoints>>;
  readonly profiles: Readonly<Record<string, Profile>>;
  /** The KMS key that wraps the transit private key; absent: no transit sealing. */
  readonly transit?: TransitConfig;
  readonly queues: QueueNames;
  readonly limits: { readonly payloadBytes: number };
  readonly quota: QuotaConfig;
  /** Wrap stores of others, by name: tables and databases that were there before Dekhand. */
  readonly wrapStores: Readonly<Record<string, WrapStoreConfig>>;
}

/** The SQS queue and the BullMQ queue of jobs have the same name. */
export interface QueueNames {
  readonly encrypt: string;
  readonly rewrap: string;
  /** The SQS queue that KMS's rotation events come through; absent: none are listened to. */
  readonly events?: string;
}

/** URLs that replace AWS's own, for an emulator or a private endpoint. */
export interface RegionEndpoints {
  readonly kms?: string;
  readonly sqs?: string;
  readonly dynamodb?: string;
  readonly serviceQuotas?: string;
}

export interface TransitConfig {
  readonly key: string;
  /** Keys whose wraps of the transit private key may still be opened. */
  readonly retiring: readonly string[];
  /** Default: the control Region. */
  readonly region?: string;
}

/** A named rule for records: where their DEKs are made, under which key, and for how long one is used. */
export interface Profile {
  readonly name: string;
  /** The Region where the profile's DEKs are created. */
  readonly home: string;
  /** Alias, key id or ARN of the key for new DEKs. */
  readonly key: string;
  /** Keys whose wraps may still be opened. */
  readonly retiring: readonly string[];
  /** Context keys that every record must have. */
  readonly required: readonly string[];
  /** Those of `required` that also scope a DEK. */
  readonly dekScope: readonly string[];
  /** A DEK takes no further record once one of these is reached. */
  readonly reuse: { readonly records: number; readonly bytes: number; readonly ageMs: number };
  /** Whether new material of the key starts a campaign by itself. Default false. */
  readonly autoRewrap?: boolean;
}

/**
 * How much of the account's KMS quota Dekhand uses, and who gets what of it. The account's quota is AWS's number of calls
 * a second, per Region; Dekhand's share is a part of that; `reserve`, `campaign` and `floor` are parts of the share.
 */
export interface QuotaConfig {
  /** A part of the account's quota, above 0 and at most 1; or calls a second, in each Region. */
  readonly share: { readonly part: number } | { readonly callsPerSecond: number };
  /** What only interactive calls may take. */
  readonly reserve: number;
  /** The most that campaigns take; at most 1 - `reserve`. */
  readonly campaign: number;
  /** Set aside for workers without Redis: each process always has `floor` / `workers`. 1: nothing is shared through Redis. */
  readonly floor: number;
  /** Processes that call KMS at once, at most. */
  readonly workers: number;
  /** Where the account's quota is looked up for Regions that `regions` does not name. */
  readonly source: "defaults" | "service-quotas";
  /** The account's quota in calls a second, by Region, where it is not the default. */
  readonly regions: Readonly<Record<string, number>>;
}
