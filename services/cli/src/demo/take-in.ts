/** Records go in through both kinds of queue, are encrypted, and arrive in the replica Regions. */

import type { Profile } from "@dekhand/runtime";
import type { CommandContext } from "../command-context.ts";
import type { RunningDeployment } from "../embedded/run-deployment.ts";
import type { DemoStage } from "./demo-result.ts";
import { type DemoInput, type Submitted, submitAll } from "./submit-all.ts";
import { type ReplicationOptions, untilReplicated } from "./until-replicated.ts";
import { untilSettled } from "./until-settled.ts";

export interface TakenIn extends Submitted {
  readonly rejected: number;
  readonly stages: readonly DemoStage[];
}

export interface TakeInDeps {
  readonly profile: Profile;
  readonly deployment: RunningDeployment;
  readonly context: CommandContext;
}

/** Throws CLI_DEMO_STALLED, and what submitting fails with. What does not arrive in a replica Region shows later. */
export async function takeIn(
  input: DemoInput,
  { profile, deployment, context }: TakeInDeps,
  options: ReplicationOptions,
): Promise<TakenIn> {
  const { connection, services } = deployment;
  const client = await connection.client();
  const startedAt = performance.now();
  const { ledger, unusable } = await submitAll(input, client, context);
  const stageOf = (stage: DemoStage["stage"]) => toStage(stage, ledger.length, performance.now() - startedAt);
  const stages = [stageOf("submit")];
  const rejected = await untilSettled(services.encryptor, ledger.length, context);
  stages.push(stageOf("encrypt"));
  const regions = Object.keys(profile.replicas);
  if (regions.length > 0) {
    const total = (ledger.length - rejected) * regions.length;
    const owing = { home: profile.home, regions };
    await untilReplicated(owing, { stores: connection.stores, context }, { ...options, total });
    stages.push(stageOf("replicate"));
  }
  return { ledger, unusable, rejected, stages };
}

export function toStage(stage: DemoStage["stage"], records: number, ms: number): DemoStage {
  return { stage, ms: Math.round(ms), perSecond: Math.round((records * 1000) / Math.max(ms, 1)) };
}
