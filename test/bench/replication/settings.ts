/** What the processes of this benchmark agree on. */

import type { ReplicaStrategy } from "@dekhand/runtime";

export const home = "us-east-1";
/** The replica Region of each strategy. */
export const regionOf: Readonly<Record<ReplicaStrategy, string>> = {
  "multi-region": "eu-west-1",
  encrypt: "ap-southeast-2",
  bridge: "ca-central-1",
};
export const regions: readonly string[] = [home, ...Object.values(regionOf)];

export const profile = "people";
/** The profile's key, by the same alias in each Region. */
export const keyAlias = "alias/people";
/** The multi-Region key of the strategy `bridge`. */
export const bridgeAlias = "alias/bridge";
export const credentials = { accessKeyId: "benchmark", secretAccessKey: "benchmark" };

export const payloadBytes = 1_024;
/** Whose records take turns in what is measured; each has a DEK of its own. */
export const tenants = 20;
/** Jobs in work at once: the services' defaults. */
export const encryptorConcurrency = 256;
export const replicatorConcurrency = 8;
/** Pages of 100 records that a script has in work at once. */
export const scriptPages = 8;

/** How long every answer of the slow Region takes. */
export const slowMs = 2_000;

/** A service works until it has done so many jobs. */
export interface ServiceTurn {
  readonly service: "encryptor" | "replicator";
  readonly configYaml: string;
  readonly redisUrl: string;
  /** The replica Region that a replicator copies to. */
  readonly region?: string;
  readonly jobs: number;
  /** Jobs in work at once. */
  readonly concurrency: number;
}

/**
 * - `batch`: BatchWriteItem, whatever is there.
 * - `single`: a PutItem for each item, on the condition that there is none.
 */
export const scripts = ["batch", "single"] as const;
export type Script = (typeof scripts)[number];

/** Where a script copies from, and where to. */
export interface ScriptPlace {
  readonly endpoint: string;
  readonly region: string;
  /** Of the tables' names. */
  readonly prefix: string;
}

export interface ScriptTurn {
  readonly script: Script;
  readonly from: ScriptPlace;
  readonly to: ScriptPlace;
  /** What the home's key is called where the wraps go. */
  readonly keyArn: string;
  readonly recordIds: readonly string[];
}

export interface TurnResult {
  readonly seconds: number;
  /** User and system, of all threads of the process. */
  readonly cpuMicros: number;
}
