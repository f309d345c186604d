/**
 * The home Region is cut off, and every record is read in each replica Region
 * alone and compared with what was handed in.
 */

import { DekhandError } from "@dekhand/errors";
import type { LocalAws } from "@dekhand/local-aws";
import type { Profile, ReplicaStrategy } from "@dekhand/runtime";
import { type CommandContext, note } from "../command-context.ts";
import type { Connection } from "../connect.ts";
import type { CoverageCounts } from "./count-coverage.ts";
import type { LedgerEntry } from "./input-ledger.ts";
import { type Comparison, readAll } from "./read-back.ts";
import { openRegionClient } from "./region-client.ts";

export type DemoRegion = DemoHome | DemoReplica;

export interface DemoHome {
  readonly role: "home";
  /** Whether it was seen to give no answer while the others were read. */
  readonly cutOff: boolean;
}

/** What it had was counted by comparing its tables with home's; then it was read there without home. */
export interface DemoReplica extends CoverageCounts, Comparison {
  readonly role: "replica";
  readonly strategy: ReplicaStrategy;
  /** The part of the records that it has as home has them, with DEK and wrap: 0 to 1. */
  readonly coverage: number;
  /** Of the reading. */
  readonly ms: number;
}

export interface ReadWithoutHomeDeps {
  readonly profile: Profile;
  readonly coverage: ReadonlyMap<string, CoverageCounts>;
  readonly aws: Pick<LocalAws, "control">;
  readonly connection: Connection;
  readonly context: CommandContext;
}

/** By Region, home first. The home is back when this ends, however it ends. */
export async function readWithoutHome(
  ledger: readonly LedgerEntry[],
  { profile, coverage, aws, connection, context }: ReadWithoutHomeDeps,
): Promise<Readonly<Record<string, DemoRegion>>> {
  const { home, replicas } = profile;
  const names = Object.keys(replicas).join(" and ");
  note(context, `cutting ${home} off, and reading every record in ${names}, each by itself`);
  using _cut = cutOff(aws, home);
  const regions: Record<string, DemoRegion> = {
    [home]: { role: "home", cutOff: await isAway(home, ledger, { connection, context }) },
  };
  for (const { region, strategy } of Object.values(replicas)) {
    await using client = openRegionClient(region, connection);
    const { ms, ...comparison } = await readAll(client, ledger, { label: `reading in ${region}`, context });
    const counted = coverage.get(region);
    if (!counted) throw new RangeError("every replica Region was counted");
    const { records, recordsArrived, deks, deksArrived } = counted;
    regions[region] = {
      ...{ role: "replica", strategy, coverage: records === 0 ? 1 : recordsArrived / records },
      ...{ records, recordsArrived, deks, deksArrived },
      ...comparison,
      ms: Math.round(ms),
    };
  }
  return regions;
}

function cutOff({ control }: Pick<LocalAws, "control">, region: string): Disposable {
  control.cutOff(region, true);
  return { [Symbol.dispose]: () => control.cutOff(region, false) };
}

/** A Region that is cut off is known by its silence: whatever it says of a record is an answer. */
async function isAway(
  region: string,
  [first]: readonly LedgerEntry[],
  { connection, context: { signal } }: Pick<ReadWithoutHomeDeps, "connection" | "context">,
): Promise<boolean> {
  await using client = openRegionClient(region, connection);
  try {
    const { payload } = await client.read(first?.recordId ?? "any", first?.context ?? {}, { signal });
    payload.fill(0);
    return false;
  } catch (error) {
    signal.throwIfAborted();
    return error instanceof DekhandError && error.retryable;
  }
}
