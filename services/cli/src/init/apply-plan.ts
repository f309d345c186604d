import { createTransitKeys } from "@dekhand/deks";
import { generateTransitKeyPair } from "@dekhand/jobs";
import { createTables, tableNames } from "@dekhand/store";
import type { Connection } from "../connect.ts";
import type { InitPlan } from "./init-plan.ts";
import { applyQueuePlan } from "./queue-plan.ts";

/** Creates what is missing. Repeating it is safe; what exists is left as it is. */
export async function applyPlan(connection: Connection, plan: InitPlan, signal: AbortSignal): Promise<void> {
  const { config, clients } = connection;
  const names = tableNames(config.prefix);
  await Promise.all(config.regions.map((region) => createTables(clients.region(region).dynamodb, names, { signal })));
  const { sqs } = clients.region(config.control);
  await Promise.all(plan.queues.map((queue) => applyQueuePlan(sqs, queue, signal)));
  if (plan.transitKey && config.transit) {
    const { state } = await connection.stores(config.control);
    const kms = connection.kms(config.transit.region ?? config.control);
    await createTransitKeys({ state, kms, key: config.transit.key }).add(generateTransitKeyPair(), { signal });
  }
}
