import { createTransitKeys } from "@dekhand/deks";
import { generateTransitKeyPair } from "@dekhand/jobs";
import { createTables, tableNames } from "@dekhand/store";
import type { Connection } from "../connect.ts";
import { applyHome } from "./home-plan.ts";
import type { InitPlan } from "./init-plan.ts";
import { applyQueuePlan } from "./queue-plan.ts";
import { codeOf, controlSilent, isSilence } from "./region-answers.ts";

/** A Region that has stopped to answer meanwhile, and what its last call failed with. */
export interface LostRegion {
  readonly region: string;
  readonly code: string;
}

/**
 * Creates what is missing. Repeating it is safe; what exists is left as it is. A Region that does not answer any more stops
 * no other. Throws CLI_CONTROL_UNREACHABLE, and what a Region that does answer refuses.
 */
export async function applyPlan(
  connection: Connection,
  plan: InitPlan,
  signal: AbortSignal,
): Promise<readonly LostRegion[]> {
  const { config, clients, stores } = connection;
  const names = tableNames(config.prefix);
  const done = await Promise.allSettled(
    plan.tables.map(async ({ region }) => {
      await createTables(clients.region(region).dynamodb, names, { signal });
      const { state } = await stores(region);
      for (const told of plan.homes) if (told.region === region) await applyHome(told, state, { signal });
    }),
  );
  const lost: LostRegion[] = [];
  for (const [index, { region }] of plan.tables.entries()) {
    const outcome = done[index];
    if (outcome?.status !== "rejected") continue;
    if (signal.aborted || !isSilence(outcome.reason)) throw outcome.reason;
    const code = codeOf(outcome.reason);
    if (region === config.control) throw controlSilent(region, code);
    lost.push({ region, code });
  }
  const { sqs } = clients.region(config.control);
  await Promise.all(plan.queues.map((queue) => applyQueuePlan(sqs, queue, signal)));
  if (plan.transitKey === "missing" && config.transit) {
    const { state } = await stores(config.control);
    const kms = connection.kms(config.transit.region ?? config.control);
    await createTransitKeys({ state, kms, key: config.transit.key }).add(generateTransitKeyPair(), { signal });
  }
  return lost;
}
