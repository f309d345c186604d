/**
 * The demo: records go in through both kinds of queue, come out encrypted, and
 * are read back and compared byte by byte. Then their key is rotated and
 * replaced by another one, campaigns bring every wrap there, and all records are
 * read again. What it reports is counted by the embedded AWS, by a census and by
 * the comparison, not by what the services say of themselves.
 */

import type { DeploymentConfig, Profile } from "@dekhand/runtime";
import type { CommandContext } from "../command-context.ts";
import type { FailedLine } from "../commands/note-lines.ts";
import type { Connection } from "../connect.ts";
import type { RunningDeployment } from "../embedded/run-deployment.ts";
import type { Embedded } from "../embedded/start-embedded.ts";
import { type KmsCalls, kmsCallsOf } from "./kms-calls.ts";
import { type ReadAgain, readAgain } from "./read-again.ts";
import { readAll } from "./read-back.ts";
import { type RotatedKeys, rotateKeys } from "./rotate-keys.ts";
import { type DemoInput, submitAll } from "./submit-all.ts";
import { untilSettled } from "./until-settled.ts";

export interface DemoStage {
  readonly stage: "submit" | "encrypt" | "read";
  readonly ms: number;
  readonly perSecond: number;
}

export interface DemoResult extends RotatedKeys {
  /** Those that were submitted. */
  readonly records: number;
  /** Lines of the input that could not be. */
  readonly unusable: readonly FailedLine[];
  readonly deks: number;
  readonly kmsCalls: KmsCalls;
  readonly stages: readonly DemoStage[];
  readonly rejected: number;
  readonly opened: number;
  readonly mismatched: number;
  /** Codes of failed reads, with how often each came. */
  readonly failures: Readonly<Record<string, number>>;
  /** After the campaigns. Absent where there were none. */
  readonly readAgain?: ReadAgain;
}

export interface DemoDeps {
  readonly embedded: Embedded;
  readonly deployment: RunningDeployment;
  readonly context: CommandContext;
}

export interface DemoRunOptions {
  /** Whether keys are rotated, and the records read again. */
  readonly campaigns: boolean;
}

/** Whether every record of the input came back equal each time, and every campaign is complete. */
export function succeeded({ records, unusable, opened, mismatched, campaigns, readAgain: again }: DemoResult): boolean {
  const first = unusable.length === 0 && mismatched === 0 && opened === records;
  const second = again === undefined || (again.mismatched === 0 && again.opened === records);
  return first && second && campaigns.every(({ state }) => state === "complete");
}

export async function runDemo(
  input: DemoInput,
  deps: DemoDeps,
  { campaigns: wantsCampaigns }: DemoRunOptions,
): Promise<DemoResult> {
  const { embedded, deployment, context } = deps;
  const { connection } = deployment;
  const client = await connection.client();
  embedded.aws.control.resetCounts();

  const startedAt = performance.now();
  const { ledger, unusable } = await submitAll(input, client, context);
  const submitMs = performance.now() - startedAt;
  const rejected = await untilSettled(deployment.services.encryptor, ledger.length, context);
  const encryptMs = performance.now() - startedAt;
  const { ms: readMs, ...comparison } = await readAll(client, ledger, { label: "reading", context });
  const deks = await countDeks(connection, context.signal);

  const profile = profileOf(connection.config, input.profile);
  const rotated = await rotateKeys(profile, deps, { campaigns: wantsCampaigns && deks > 0 });
  const { campaigns } = rotated;
  const again = campaigns.length === 0 ? undefined : await readAgain(ledger, { profile, campaigns, ...deps });

  const stage = (name: DemoStage["stage"], ms: number): DemoStage => ({
    stage: name,
    ms: Math.round(ms),
    perSecond: Math.round((ledger.length * 1000) / Math.max(ms, 1)),
  });
  return {
    records: ledger.length,
    unusable,
    deks,
    kmsCalls: kmsCallsOf(embedded.aws),
    stages: [stage("submit", submitMs), stage("encrypt", encryptMs), stage("read", readMs)],
    rejected,
    ...comparison,
    ...rotated,
    ...(again === undefined ? {} : { readAgain: { ...again, ms: Math.round(again.ms) } }),
  };
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
