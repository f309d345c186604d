/** What the processes of this benchmark agree on. Rates are calls a second, times milliseconds. */

export const region = "us-east-1";
/** Of the account: all symmetric cryptographic operations of everybody. */
export const accountQuota = 2_000;
/** What is left of it during a cut. */
export const cutQuota = accountQuota / 5;
/** What the workers together may take of it: Dekhand is told, a script cannot be. */
export const share = 1_000;
export const latencyMs = 10;
export const workers = 4;
/** Calls that a worker has in flight: the same for all contestants. */
export const inFlight = 50;
export const foregroundPerSecond = 200;

/** Of each blob, before and after. */
export const context = { tenant: "tenant-0042" };

export const contestants = ["dekhand", "script", "adaptive"] as const;
export type Contestant = (typeof contestants)[number];

export const contestantTitles: Readonly<Record<Contestant, string>> = {
  dekhand: "Dekhand",
  script: "pool of 50, SDK defaults",
  adaptive: "pool of 50, SDK adaptive",
};

export interface WorkerSettings {
  readonly contestant: Contestant;
  readonly endpoint: string;
  readonly redisUrl: string;
  /** Of the keys in Redis: one a run, so that no run finds what an earlier one left. */
  readonly prefix: string;
  readonly sourceKeyArn: string;
  readonly targetKeyArn: string;
  /** In base64; used in turn. */
  readonly blobs: readonly string[];
  /** ReEncrypts before the start: the worker connects and compiles, and Redis learns of the share's meter. */
  readonly warmUpItems: number;
  /** ReEncrypts that are measured. */
  readonly items: number;
  /** When it gives up, counted from its first call. */
  readonly boundMs: number;
}

/** What a worker reports. Points in time are those of `nowMs`. */
export interface WorkerResult {
  readonly done: number;
  /** Items whose call failed for good, as the contestant saw it, and that were put back. */
  readonly putBack: number;
  readonly firstCallMs: number;
  readonly lastDoneMs: number;
  /** User and system, from the first call to the last answer, in microseconds. */
  readonly cpuMicros: number;
}

export interface ForegroundSettings {
  readonly endpoint: string;
  readonly keyArn: string;
  /** In base64. */
  readonly blob: string;
}

/** From, until; points in time are those of `nowMs`. */
export type Window = readonly [fromMs: number, untilMs: number];

export interface SaturationSettings {
  readonly endpoint: string;
  readonly sourceKeyArn: string;
  readonly targetKeyArn: string;
  readonly blob: string;
  readonly durationMs: number;
}
