import type { WrapStoreConfig } from "./wrap-store-config.ts";

/** How a deployment is laid out: the one file that all services read. */
export interface DeploymentConfig {
  /** In front of every table name: `${prefix}-deks`. */
  readonly prefix: string;
  readonly tables: TableMode;
  readonly regions: readonly string[];
  /** The Region that is authoritative for state; a process may be told another one than the file's. */
  readonly control: string;
  readonly endpoints: Readonly<Record<string, RegionEndpoints>>;
  readonly profiles: Readonly<Record<string, Profile>>;
  /** The KMS key that wraps the transit private key; absent: no transit sealing. */
  readonly transit?: TransitConfig;
  readonly queues: QueueNames;
  readonly limits: { readonly payloadBytes: number };
  readonly quota: QuotaConfig;
  readonly reconcile: ReconcileConfig;
  /** Absent: drills are run by hand only. */
  readonly drills?: DrillsConfig;
  /** Wrap stores of others, by name: tables and databases that were there before Dekhand. */
  readonly wrapStores: Readonly<Record<string, WrapStoreConfig>>;
}

/**
 * How what is stored gets to replica Regions: `regional`: each Region has tables of its own, and Dekhand copies; `global`:
 * DynamoDB global tables carry the items.
 */
export type TableMode = (typeof TABLE_MODES)[number];
export const TABLE_MODES = ["regional", "global"] as const;

/** How often home and replica Regions are compared by scan, and how thoroughly. */
export interface ReconcileConfig {
  /** From one pass's beginning to the next one's, in milliseconds. */
  readonly everyMs: number;
  /** The part of the wraps that KMS is asked about by dry run, 0 to 1. */
  readonly probe: number;
  readonly pagesPerSecond: number;
}

/** Drills that the control service runs by itself, in every replica Region. */
export interface DrillsConfig {
  readonly everyMs: number;
  /** Records that are opened. */
  readonly sample: number;
}

/** The SQS queue and the BullMQ queue of jobs have the same name. */
export interface QueueNames {
  readonly encrypt: string;
  readonly rewrap: string;
  /** What the names of the replicate queues begin with: BullMQ alone, one queue a Region. See `replicateQueue`. */
  readonly replicate: string;
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
  /** The Region where the profile's DEKs are created, unless a failover has moved it. */
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
  /** The other Regions that hold the profile's DEKs and records, by their names. */
  readonly replicas: Readonly<Record<string, Replica>>;
}

/**
 * How a replica Region comes by a wrap of its own of a DEK of the home Region.
 *
 * - `multi-region`: its key and the home's are related multi-Region keys: the wrap is copied, KMS is not called.
 * - `encrypt`: KMS Encrypt there, while the DEK is in a worker's memory.
 * - `bridge`: ReEncrypt to a multi-Region key at home, ReEncrypt from that key's relative there: no worker sees the DEK.
 */
export type ReplicaStrategy = (typeof REPLICA_STRATEGIES)[number];
export const REPLICA_STRATEGIES = ["multi-region", "encrypt", "bridge"] as const;

/** One replica Region of a profile. */
export interface Replica {
  readonly region: string;
  /** Alias, key id or ARN of the key that its wraps are made under. */
  readonly key: string;
  /** Keys whose wraps there may still be opened. */
  readonly retiring: readonly string[];
  readonly strategy: ReplicaStrategy;
  /** With `bridge`, and then always: a multi-Region key that is in both Regions, by the alias or key id that it has in both. */
  readonly bridge?: string;
  /** How much of the newest may be missing there, in milliseconds, before it is an alarm. */
  readonly recoveryPointMs: number;
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
