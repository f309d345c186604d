/** The turns that services take: one takes jobs in, the other copies what it left to be copied. */

import { createBullReplicateProducer } from "@dekhand/jobs";
import { type ReplicaStrategy, replicateQueue } from "@dekhand/runtime";
import type { DebtItem } from "@dekhand/store";
import type { Child } from "../quota/child-process.ts";
import type { Deployment } from "./deployment.ts";
import {
  encryptorConcurrency,
  home,
  regionOf,
  replicatorConcurrency,
  type ServiceTurn,
  type TurnResult,
} from "./settings.ts";

interface Turn {
  readonly process: Child;
  readonly deployment: Deployment;
  readonly redisUrl: string;
}

/** An encryptor takes in what was submitted. */
export async function takeIn(
  { process, deployment, redisUrl }: Turn,
  { records, concurrency = encryptorConcurrency }: { readonly records: number; readonly concurrency?: number },
): Promise<TurnResult> {
  const { configYaml } = deployment;
  const turn: ServiceTurn = { service: "encryptor", configYaml, redisUrl, jobs: records, concurrency };
  return await process.ask<TurnResult>(turn, { timeoutMs });
}

export interface Replicated extends TurnResult {
  /** Batches, one job each, and the DEKs that they named. */
  readonly batches: number;
  readonly deksNamed: number;
}

/** A replicator copies all that the strategy's Region is owed. Throws where something is still owed afterwards. */
export async function replicate(turn: Turn, strategy: ReplicaStrategy): Promise<Replicated> {
  const { process, deployment, redisUrl } = turn;
  const region = regionOf[strategy];
  const owed = await listDebt(deployment, region);
  await announce(turn, region, owed);
  const { configYaml } = deployment;
  const shared = { configYaml, redisUrl, region, concurrency: replicatorConcurrency };
  const asked: ServiceTurn = { service: "replicator", ...shared, jobs: owed.length };
  const result = await process.ask<TurnResult>(asked, { timeoutMs });
  const { items } = await deployment.stores(home).state.debtStatus(region);
  if (items > 0) throw new Error(`${region} is still owed ${items} batches`);
  return { ...result, batches: owed.length, deksNamed: owed.reduce((sum, { dekIds }) => sum + dekIds.length, 0) };
}

/** Longer than a service gives its jobs. */
const timeoutMs = 240_000;

async function listDebt({ stores }: Deployment, region: string): Promise<readonly DebtItem[]> {
  const items: DebtItem[] = [];
  let cursor: string | undefined;
  do {
    const page = await stores(home).state.listDebt(region, { cursor, limit: 100 });
    items.push(...page.entries);
    cursor = page.cursor;
  } while (cursor !== undefined);
  return items;
}

/** The encryptor has told of it. What a busy Redis did not take from it is told again; the rest collapses into the first. */
async function announce(
  { deployment: { config }, redisUrl }: Turn,
  region: string,
  debt: readonly DebtItem[],
): Promise<void> {
  const producer = createBullReplicateProducer({
    connection: { url: redisUrl },
    queue: replicateQueue(config, region),
    prefix: config.prefix,
  });
  try {
    const jobs = debt.map(({ id, dekIds, recordIds }) => ({ debtId: id, region, dekIds, recordIds }));
    const failed = (await producer.submit(jobs)).find((result) => !result.ok);
    if (failed && !failed.ok) throw failed.error;
  } finally {
    await producer.close();
  }
}
