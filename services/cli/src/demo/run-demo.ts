/**
 * The demo: records go in through both kinds of queue, come out encrypted, arrive
 * in replica Regions, and are read back and compared byte by byte. Then their
 * keys are rotated and replaced by others, campaigns bring every wrap there, and
 * all records are read again. At last the home Region is cut off, and each other
 * one opens all of them by itself. What is reported is counted by the embedded
 * AWS, by censuses and by comparisons, not by what the services say of themselves.
 */

import type { DeploymentConfig, Profile } from "@dekhand/runtime";
import type { CommandContext } from "../command-context.ts";
import type { Connection } from "../connect.ts";
import type { RunningDeployment } from "../embedded/run-deployment.ts";
import type { Embedded } from "../embedded/start-embedded.ts";
import { untilCovered } from "./count-coverage.ts";
import type { DemoResult } from "./demo-result.ts";
import type { LedgerEntry } from "./input-ledger.ts";
import { kmsCallsOf } from "./kms-calls.ts";
import { readAgain } from "./read-again.ts";
import { readAll, type TimedComparison } from "./read-back.ts";
import { readWithoutHome } from "./read-without-home.ts";
import { openRegionClient } from "./region-client.ts";
import { rotateKeys } from "./rotate-keys.ts";
import type { DemoInput } from "./submit-all.ts";
import { takeIn, toStage } from "./take-in.ts";
import type { ReplicationOptions } from "./until-replicated.ts";

export interface DemoDeps {
  readonly embedded: Embedded;
  readonly deployment: RunningDeployment;
  readonly context: CommandContext;
}

export interface DemoRunOptions extends ReplicationOptions {
  /** Whether keys are rotated, and the records read again. */
  readonly campaigns: boolean;
}

export async function runDemo(
  input: DemoInput,
  demo: DemoDeps,
  { campaigns: wantsCampaigns, stalledMs }: DemoRunOptions,
): Promise<DemoResult> {
  const { embedded, deployment, context } = demo;
  const profile = profileOf(deployment.connection.config, input.profile);
  const deps = { ...demo, profile };
  embedded.aws.control.resetCounts();

  const { ledger, unusable, rejected, stages } = await takeIn(input, deps, { stalledMs });
  const { ms: readMs, ...comparison } = await readAtHome(ledger, deps);
  const deks = await countDeks(deployment.connection, context.signal);

  const rotated = await rotateKeys(profile, deps, { campaigns: wantsCampaigns && deks > 0, stalledMs });
  const { campaigns } = rotated;
  const again = campaigns.length === 0 ? undefined : await readAgain(ledger, { ...deps, campaigns });
  const regions = await readInReplicas(ledger, deps, { stalledMs });
  return {
    records: ledger.length,
    unusable,
    deks,
    kmsCalls: kmsCallsOf(embedded.aws),
    stages: [...stages, toStage("read", ledger.length, readMs)],
    rejected,
    ...comparison,
    ...rotated,
    ...(again === undefined ? {} : { readAgain: { ...again, ms: Math.round(again.ms) } }),
    regions,
  };
}

interface ProfileDeps extends DemoDeps {
  readonly profile: Profile;
}

async function readAtHome(
  ledger: readonly LedgerEntry[],
  { profile, deployment, context }: ProfileDeps,
): Promise<TimedComparison> {
  await using client = openRegionClient(profile.home, deployment.connection);
  return await readAll(client, ledger, { label: "reading", context });
}

async function readInReplicas(
  ledger: readonly LedgerEntry[],
  { profile, embedded: { aws }, deployment: { connection }, context }: ProfileDeps,
  options: ReplicationOptions,
): Promise<DemoResult["regions"]> {
  if (Object.keys(profile.replicas).length === 0) return {};
  const coverage = await untilCovered(profile, { connection, context }, options);
  return readWithoutHome(ledger, { profile, coverage, aws, connection, context });
}

async function countDeks({ config, stores }: Connection, signal: AbortSignal): Promise<number> {
  const home = await stores(config.control);
  const { deks } = await home.deks.count({ signal });
  return deks.reduce((sum, { count }) => sum + count, 0);
}

function profileOf({ profiles }: DeploymentConfig, name: string): Profile {
  const profile = profiles[name];
  if (!profile) throw new RangeError("the embedded configuration has the profiles of the demo");
  return profile;
}
