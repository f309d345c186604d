/**
 * What a deployment needs before its services can start, and what of it is
 * missing: tables in every Region, the queues and the transit key in the
 * control Region. KMS keys are the organisation's own and are never created
 * here; that each one can be found is part of the plan.
 */

import { sqsQueues } from "@dekhand/runtime";
import { planTables, type TablePlan, tableNames } from "@dekhand/store";
import type { Connection } from "../connect.ts";
import { trustedTransitKeys } from "../trusted-transit-keys.ts";
import { planQueue, type QueuePlan } from "./queue-plan.ts";

export interface InitPlan {
  readonly tables: readonly { readonly region: string; readonly plans: readonly TablePlan[] }[];
  readonly queues: readonly QueuePlan[];
  /** Whether a transit key pair is to be made. */
  readonly transitKey: boolean;
  /** The KMS keys that the configuration names, as KMS knows them. */
  readonly keys: readonly { readonly use: string; readonly key: string; readonly arn: string }[];
}

export async function planInit(connection: Connection, signal: AbortSignal): Promise<InitPlan> {
  const { config, clients } = connection;
  const names = tableNames(config.prefix);
  const tables = await Promise.all(
    config.regions.map(async (region) => ({
      region,
      plans: await planTables(clients.region(region).dynamodb, names, { signal }),
    })),
  );
  const control = clients.region(config.control);
  return {
    keys: await findKeys(connection, signal),
    tables,
    queues: await Promise.all(sqsQueues(config.queues).map((name) => planQueue(control.sqs, name, signal))),
    transitKey: config.transit !== undefined && !(await hasTransitKey(connection, tables, signal)),
  };
}

export function planIsEmpty({ tables, queues, transitKey }: InitPlan): boolean {
  const ready = tables.every(({ plans }) => plans.every(({ kind }) => kind === "ready"));
  return ready && queues.every(isReady) && !transitKey;
}

/** The plan in the words of who has to agree to it. */
export function describePlan({ tables, queues, transitKey, keys }: InitPlan): string[] {
  const lines = keys.map(({ use, key, arn }) => `found    ${key} for ${use}: ${arn}`);
  for (const { region, plans } of tables) {
    for (const plan of plans) {
      const what = { ready: "found   ", changing: "wait for", missing: "create  ", unsuitable: "REFUSED " }[plan.kind];
      lines.push(`${what} table ${plan.table.name} in ${region}`);
    }
  }
  for (const queue of queues) {
    for (const name of [queue.deadLetterName, queue.name]) {
      lines.push(`${queue.missing.includes(name) ? "create  " : "found   "} SQS queue ${name}`);
    }
    if (queue.needsRedrivePolicy)
      lines.push(`change   SQS queue ${queue.name}: rejected jobs go to ${queue.deadLetterName}`);
  }
  if (transitKey) lines.push("create   transit key pair, its private half wrapped by KMS");
  return lines;
}

function isReady({ missing, needsRedrivePolicy }: QueuePlan): boolean {
  return missing.length === 0 && !needsRedrivePolicy;
}

async function findKeys({ config, kms }: Connection, signal: AbortSignal): Promise<InitPlan["keys"]> {
  const wanted = Object.values(config.profiles).map(({ name, home, key }) => ({
    use: `profile ${name}`,
    region: home,
    key,
  }));
  const { transit } = config;
  if (transit) wanted.push({ use: "transit keys", region: transit.region ?? config.control, key: transit.key });
  return Promise.all(
    wanted.map(async ({ use, region, key }) => ({
      use,
      key,
      arn: (await kms(region).describeKey(key, { signal })).arn,
    })),
  );
}

async function hasTransitKey(
  connection: Connection,
  tables: InitPlan["tables"],
  signal: AbortSignal,
): Promise<boolean> {
  const { control } = connection.config;
  const state = tables
    .find(({ region }) => region === control)
    ?.plans.find(({ table }) => table.name.endsWith("-state"));
  if (state?.kind !== "ready") return false;
  return (await trustedTransitKeys(connection, signal)).length > 0;
}
