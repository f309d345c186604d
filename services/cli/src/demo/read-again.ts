import { createClient } from "@dekhand/client";
import type { Profile } from "@dekhand/runtime";
import { type CommandContext, note } from "../command-context.ts";
import { embeddedCredentials } from "../embedded/embedded-credentials.ts";
import type { RunningDeployment } from "../embedded/run-deployment.ts";
import type { LedgerEntry } from "./input-ledger.ts";
import { disableKeys } from "./key-changes.ts";
import { type Comparison, readAll } from "./read-back.ts";
import type { DemoCampaign } from "./rotate-keys.ts";

export interface ReadAgain extends Comparison {
  /** ARNs of the keys that were disabled before: those that a complete campaign has left. */
  readonly disabledKeys: readonly string[];
  readonly ms: number;
}

export interface ReadAgainDeps {
  readonly profile: Profile;
  readonly campaigns: readonly DemoCampaign[];
  readonly deployment: RunningDeployment;
  readonly context: CommandContext;
}

/**
 * Reads every record once more, by a client that has unwrapped no DEK yet. The keys that were left are disabled first:
 * that nothing needs them is then seen, not concluded.
 */
export async function readAgain(
  ledger: readonly LedgerEntry[],
  { profile, campaigns, deployment, context }: ReadAgainDeps,
): Promise<ReadAgain> {
  const { config, logger } = deployment.connection;
  const done = campaigns.filter(({ kind, state }) => kind === "key" && state === "complete");
  const disabledKeys = [...new Set(done.flatMap(({ targets }) => targets.flatMap(({ sources }) => sources)))];
  if (disabledKeys.length > 0) note(context, "disabling the old key, and reading every record again");
  else note(context, "reading every record again");
  await disableKeys(profile, disabledKeys, { deployment, signal: context.signal });

  const client = createClient({ config, credentials: embeddedCredentials, logger });
  try {
    const { ms, ...comparison } = await readAll(client, ledger, { label: "read again", context });
    return { ...comparison, disabledKeys, ms };
  } finally {
    await client.close();
  }
}
