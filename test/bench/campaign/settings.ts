/** What the processes of this benchmark agree on. */

export const region = "us-east-1";
export const profile = "customer-pii";
export const credentials = { accessKeyId: "benchmark", secretAccessKey: "benchmark" };

/** In one round of the benchmark. With 16 KMS calls each, Dekhand has about as many in flight as the script's pool. */
export const segmentsAtOnce = 4;
/** Of one segment: a rewrapper's default. */
export const kmsCallsAtOnce = 16;
/** In a page of a scan, of both contestants: a rewrapper's default. Half of them are wraps. */
export const pageItems = 200;
/** Wraps that the script has in its hands at once. */
export const scriptPool = 50;

export const contestants = ["dekhand", "script"] as const;
export type Contestant = (typeof contestants)[number];

export const contestantTitles: Readonly<Record<Contestant, string>> = {
  dekhand: "Dekhand",
  script: "script, SDK defaults",
};

/** Where the wraps and their keys are. */
export interface Endpoints {
  readonly kms: string;
  readonly dynamodb: string;
}

export interface WorkerSettings extends Endpoints {
  readonly contestant: Contestant;
  /** Dekhand's control Region, where its campaigns stand. */
  readonly control: string;
  readonly redisUrl: string;
  readonly sourceKeyArn: string;
  readonly targetKeyArn: string;
}

/** A part of one table, to be rewrapped from the source key to the target key. */
export interface Work {
  /** Of the tables' names. */
  readonly prefix: string;
  /** Of a parallel scan, from 0. */
  readonly segments: readonly number[];
  readonly of: number;
  /** In the whole table: memory is sampled at each percent of them. Absent: it is not. */
  readonly wraps?: number;
}

/** What became of it, without the time that sampling took. */
export interface WorkResult {
  readonly wraps: number;
  readonly seconds: number;
  /** User and system, of all threads. */
  readonly cpuMicros: number;
  readonly samples: readonly MemorySample[];
}

/** Right after a full collection of garbage. */
export interface MemorySample {
  /** How much of the work was done, 1 to 100. */
  readonly percent: number;
  readonly rssMiB: number;
  readonly heapMiB: number;
}
