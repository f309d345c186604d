/**
 * How often KMS is called for records and their copies, by strategy, as the embedded KMS counts it: taking records in, and
 * copying them, when the replica Region's wraps are made at once and when they are made later.
 */

import type { RegionCounts } from "@dekhand/local-aws";
import { REPLICA_STRATEGIES, type ReplicaStrategy } from "@dekhand/runtime";
import { type Child, startChild } from "../quota/child-process.ts";
import { type Deployment, openDeployment } from "./deployment.ts";
import type { Place } from "./place.ts";
import { home, regionOf } from "./settings.ts";
import type { Sizes } from "./sizes.ts";
import { replicate, takeIn } from "./turns.ts";

/**
 * - `birth`: while the DEK is in the encryptor's memory.
 * - `debt`: the replica Region was away while records were taken in: the replicator has it made.
 */
export const wrappings = ["birth", "debt"] as const;
export type Wrapping = (typeof wrappings)[number];

/** Of one Region and step. */
export interface KmsCalls {
  /** Those that use a key, and count against the quota of cryptographic operations. */
  readonly cryptographic: number;
  /** Those of them that made a DEK. */
  readonly births: number;
  /** What a key is: asked once a process and minute, whatever the number of records. */
  readonly lookUps: number;
}

export interface CountedCalls {
  readonly strategy: ReplicaStrategy;
  readonly wrapping: Wrapping;
  readonly records: number;
  readonly deks: number;
  readonly intake: AtHomeAndThere;
  readonly replication: AtHomeAndThere;
}

export interface AtHomeAndThere {
  readonly home: KmsCalls;
  readonly there: KmsCalls;
}

/** Throws where a DEK's wrap is missing in the replica Region afterwards. */
export async function countKmsCalls(
  place: Place,
  { records, deks, warmUpRecords }: Sizes["counted"],
): Promise<readonly CountedCalls[]> {
  await using stack = new AsyncDisposableStack();
  // One for all, and warm: code that is yet to be compiled makes no wrap in the time that a birth has for it.
  const process = stack.use(await startChild(import.meta.resolve("./service-process.ts")));
  for (const strategy of warmUpRecords > 0 ? REPLICA_STRATEGIES : []) {
    await count(place, { process, name: "warm", strategy, wrapping: "birth", records: warmUpRecords, deks });
  }
  const counted: CountedCalls[] = [];
  for (const strategy of REPLICA_STRATEGIES) {
    for (const wrapping of wrappings) {
      counted.push(await count(place, { process, name: "count", strategy, wrapping, records, deks }));
    }
  }
  return counted;
}

/** Few, so that births do not take each other's time on a machine that is KMS, tables and worker at once. */
const countedConcurrency = 8;

interface Case extends Pick<CountedCalls, "strategy" | "wrapping" | "records" | "deks"> {
  readonly process: Child;
  readonly name: string;
}

async function count(place: Place, { process, name, strategy, wrapping, records, deks }: Case): Promise<CountedCalls> {
  await using stack = new AsyncDisposableStack();
  const { aws, redisUrl } = place;
  const region = regionOf[strategy];
  const prefix = `${name}-${strategy}-${wrapping}`;
  const deployment = await openDeployment(stack, place, { prefix, strategies: [strategy] });
  const turn = { process, deployment, redisUrl };
  const callsOf = async (work: () => Promise<unknown>): Promise<AtHomeAndThere> => {
    await aws.resetCounts();
    await work();
    const counts = await aws.counts();
    return { home: kmsCalls(counts[home]), there: kmsCalls(counts[region]) };
  };

  await deployment.submit("counted", { count: records, tenants: deks });
  const isAway = wrapping === "debt";
  await aws.cutOff(region, isAway);
  const intake = await callsOf(() => takeIn(turn, { records, concurrency: countedConcurrency }));
  await aws.cutOff(region, false);
  const replication = await callsOf(() => replicate(turn, strategy));
  return { strategy, wrapping, records, deks: await requireWraps(deployment, region), intake, replication };
}

const lookUpNames: ReadonlySet<string> = new Set(["DescribeKey"]);

export function kmsCalls(counts: RegionCounts | undefined): KmsCalls {
  const operations = Object.entries(counts?.kms ?? {});
  const sum = (chosen: (name: string) => boolean) =>
    operations.reduce((total, [name, { calls }]) => total + (chosen(name) ? calls : 0), 0);
  return {
    cryptographic: sum((name) => !lookUpNames.has(name)),
    births: sum((name) => name === "GenerateDataKey"),
    lookUps: sum((name) => lookUpNames.has(name)),
  };
}

/** How many DEKs home has; each of them has a wrap of the replica Region's own there. */
async function requireWraps({ stores }: Deployment, region: string): Promise<number> {
  const [own, there] = await Promise.all([stores(home).deks.count(), stores(region).deks.count()]);
  const deks = own.deks.reduce((sum, { count: some }) => sum + some, 0);
  const wraps = there.wraps.reduce((sum, wrap) => sum + (wrap.region === region ? wrap.count : 0), 0);
  if (wraps !== deks) throw new Error(`${region} has wraps of ${wraps} of ${deks} DEKs`);
  return deks;
}

/** What replication adds to the calls that made the DEKs, a DEK: in both Regions, on the path and afterwards. */
export function addedPerDek({ intake, replication, deks }: CountedCalls): number {
  const all = [intake.home, intake.there, replication.home, replication.there];
  return all.reduce((sum, { cryptographic, births }) => sum + cryptographic - births, 0) / deks;
}
