import type { Profile } from "@dekhand/runtime";
import { type CommandContext, note } from "../command-context.ts";
import type { RunningDeployment } from "../embedded/run-deployment.ts";
import type { LedgerEntry } from "./input-ledger.ts";
import { disableKeys, type KeyInRegion } from "./key-changes.ts";
import { type Comparison, readAll } from "./read-back.ts";
import { openRegionClient } from "./region-client.ts";
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
 * Reads every record once more at home, by a client that has unwrapped no DEK yet. The keys that were left are disabled
 * first, in every Region: that nothing needs them is then seen, not concluded.
 */
export async function readAgain(
  ledger: readonly LedgerEntry[],
  { profile, campaigns, deployment, context }: ReadAgainDeps,
): Promise<ReadAgain> {
  const keys = keysLeftBy(campaigns);
  if (keys.length > 0) note(context, "disabling the old keys, and reading every record again");
  else note(context, "reading every record again");
  await disableKeys(keys, { deployment, signal: context.signal });

  await using client = openRegionClient(profile.home, deployment.connection);
  const { ms, ...comparison } = await readAll(client, ledger, { label: "read again", context });
  return { ...comparison, disabledKeys: keys.map(({ arn }) => arn), ms };
}

function keysLeftBy(campaigns: readonly DemoCampaign[]): readonly KeyInRegion[] {
  const done = campaigns.filter(({ kind, state }) => kind === "key" && state === "complete");
  const left = done.flatMap(({ targets }) =>
    targets.flatMap(({ region, sources }) => sources.map((arn) => [arn, { region, arn }] as const)),
  );
  return [...new Map(left).values()];
}
