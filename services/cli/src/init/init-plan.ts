/**
 * What a deployment needs before its services can start, and what of it is
 * missing: tables in every Region, the queues and the transit key in the control
 * Region, and in Regions that are new where profiles' homes are. KMS keys are the
 * organisation's own and are never created here; that each one can be found, and
 * is what its use needs, is part of the plan.
 *
 * A Region that does not answer is left out, and holds up no other. Only the
 * control Region has to answer.
 */

import { sqsQueues } from "@dekhand/runtime";
import { type ProfileHome, planTables, StoreError, type TablePlan, tableNames } from "@dekhand/store";
import type { Connection } from "../connect.ts";
import { trustedTransitKeys } from "../trusted-transit-keys.ts";
import { type HomePlan, planHomes } from "./home-plan.ts";
import { type KeyPlan, planKeys } from "./key-plan.ts";
import { planQueue, type QueuePlan } from "./queue-plan.ts";
import { askRegion, controlSilent, type LeftOut, skippedRegions } from "./region-answers.ts";

export interface InitPlan {
  readonly tables: readonly RegionTables[];
  /** Regions that are not in `tables`. */
  readonly leftOut: readonly LeftOut[];
  readonly queues: readonly QueuePlan[];
  readonly homes: readonly HomePlan[];
  /** Of the transit key pair; `unknown`: its KMS cannot be asked. */
  readonly transitKey: "none" | "ready" | "missing" | "unknown";
  /** The KMS keys that the configuration names, as KMS knows them. */
  readonly keys: KeyPlan;
}

export interface RegionTables {
  readonly region: string;
  readonly plans: readonly TablePlan[];
}

export interface InitOptions {
  /** Regions that are not to be asked. Default: none. */
  readonly skip?: readonly string[] | undefined;
}

/** Throws CLI_CONTROL_UNREACHABLE, CLI_USAGE, and what a Region that does answer refuses. */
export async function planInit(
  connection: Connection,
  signal: AbortSignal,
  { skip = [] }: InitOptions = {},
): Promise<InitPlan> {
  const { config, clients } = connection;
  const skipped = skippedRegions(config, skip);
  const [looked, keys] = await Promise.all([
    Promise.all(
      config.regions
        .filter((region) => !skipped.has(region))
        .map(async (region) => ({
          region,
          answer: await askRegion((call) => lookAt(connection, region, call), signal),
        })),
    ),
    planKeys(connection, { skipped, signal }),
  ]);
  const leftOut: LeftOut[] = [...skipped].map((region) => ({ region, why: "skipped" }));
  const answered = looked.flatMap(({ region, answer }) => {
    if (answer.told) return [{ region, ...answer.value }];
    if (region === config.control) throw controlSilent(region, answer.code);
    leftOut.push({ region, why: "silent", code: answer.code });
    return [];
  });
  const { sqs } = clients.region(config.control);
  const queues = await askRegion(
    (call) => Promise.all(sqsQueues(config.queues).map((name) => planQueue(sqs, name, call))),
    signal,
  );
  if (!queues.told) throw controlSilent(config.control, queues.code);
  return {
    tables: answered.map(({ region, plans }) => ({ region, plans })),
    leftOut,
    queues: queues.value,
    homes: planHomes(new Map(answered.flatMap(({ region, homes }) => (homes ? [[region, homes]] : [])))),
    transitKey: await planTransitKey(connection, { keys, answered, signal }),
    keys,
  };
}

interface Looked {
  readonly plans: readonly TablePlan[];
  /** Absent: what stands there cannot be read, and is nothing that this command would write over. */
  readonly homes?: readonly ProfileHome[];
}

async function lookAt({ config, clients, stores }: Connection, region: string, signal: AbortSignal): Promise<Looked> {
  const plans = await planTables(clients.region(region).dynamodb, tableNames(config.prefix), { signal });
  if (!isReady(plans, tableNames(config.prefix).state)) return { plans, homes: [] };
  const { state } = await stores(region);
  try {
    return { plans, homes: await state.listHomes({ signal }) };
  } catch (error) {
    if (error instanceof StoreError && error.code === "STORE_ITEM_MALFORMED") return { plans };
    throw error;
  }
}

function isReady(plans: readonly TablePlan[], name: string): boolean {
  return plans.some(({ table, kind }) => table.name === name && kind === "ready");
}

interface TransitFacts {
  readonly keys: KeyPlan;
  readonly answered: readonly RegionTables[];
  readonly signal: AbortSignal;
}

async function planTransitKey(
  connection: Connection,
  { keys, answered, signal }: TransitFacts,
): Promise<InitPlan["transitKey"]> {
  const { transit, control, prefix } = connection.config;
  if (transit === undefined) return "none";
  // A key pair that nothing can wrap would be none.
  if (!keys.transitTold) return "unknown";
  const plans = answered.find(({ region }) => region === control)?.plans ?? [];
  if (!isReady(plans, tableNames(prefix).state)) return "missing";
  const trusted = await askRegion((call) => trustedTransitKeys(connection, call), signal);
  if (!trusted.told) return "unknown";
  return trusted.value.length > 0 ? "ready" : "missing";
}

export function planIsEmpty({ tables, queues, homes, transitKey }: InitPlan): boolean {
  const ready = tables.every(({ plans }) => plans.every(({ kind }) => kind === "ready"));
  const waiting = queues.filter(({ missing, needsRedrivePolicy }) => missing.length > 0 || needsRedrivePolicy);
  return ready && waiting.length === 0 && homes.length === 0 && transitKey !== "missing";
}
