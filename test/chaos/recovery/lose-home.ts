/** The home goes in the middle of its work, and owes replica Regions some of it. */

import { eventually } from "@dekhand/testing";
import { expect } from "vitest";
import { pause } from "./cut-replica.ts";
import type { Job } from "./job-book.ts";
import { openAll } from "./open-all.ts";
import { recordsIn } from "./records-in.ts";
import { apart, home, related, type Scene } from "./scene.ts";
import { watchStatus } from "./status-watch.ts";
import { acknowledgedIn, lackedBy } from "./tally.ts";

export interface HomeLoss {
  /** By the ledger, in the Region that takes over. */
  readonly missing: readonly Job[];
  /** By the last status. */
  readonly owed: number;
  readonly acknowledgedLater: number;
  /** Records of both replica Regions that were opened there. */
  readonly opened: number;
}

/** What the second Region is to lack at least when it begins to get it. */
const leastBehind = 100;
/** Of one call to a slow Region, in milliseconds: while it gets nothing to speak of, and while it catches up. */
const latencyMs = { stalled: 2_000, catchingUp: 60 };

export async function loseHome(scene: Scene): Promise<HomeLoss> {
  const { plan, stack, book, first } = scene;
  const { control } = stack.aws;
  await using status = watchStatus(stack);
  await eventually(() => status.answers > 2, { timeoutMs: 60_000 });
  await stall(scene);
  const { services } = first;
  services.power(false);
  const [doomed] = services.encryptors.up();
  if (!doomed) throw new Error("an encryptor is up");
  await services.encryptors.kill(doomed);
  await pause(plan.lastMs);
  if (plan.replicatorDies === "before") await killReplicator(scene);
  control.cutOff(home, true, { mode: plan.homeCut });
  const lostAt = Date.now();
  if (plan.replicatorDies === "after") await killReplicator(scene);
  control.clearFaults(related);
  await status.stop();

  const acknowledged = acknowledgedIn(book, first, { from: 0, to: lostAt });
  const there = await recordsIn(stack, related);
  const farOff = await recordsIn(stack, apart);
  const missing = lackedBy(there, acknowledged);
  expect(missing.length, "acknowledged records that have not arrived").toBeGreaterThan(0);
  let opened = 0;
  for (const [region, seen] of [
    [related, there],
    [apart, farOff],
  ] as const) {
    const told = status.last(region);
    const later = acknowledgedIn(book, first, { from: Date.parse(told.asOf), to: lostAt });
    const bound = told.records + later.length;
    expect(told.atLeast).toBe(false);
    expect(lackedBy(seen, acknowledged).length, `missing in ${region}`).toBeLessThanOrEqual(bound);
    const jobs = [...seen.heads.values()].map(({ jobId }) => book.get(jobId));
    expect((await openAll(stack, region, jobs)).slice(0, 3)).toEqual([]);
    opened += jobs.length;
  }
  const { asOf, records: owed } = status.last(related);
  const acknowledgedLater = acknowledgedIn(book, first, { from: Date.parse(asOf), to: lostAt }).length;
  return { missing, owed, acknowledgedLater, opened };
}

/** Until the second Region lacks enough, and has just begun to get it. */
async function stall({ plan, stack, book, first }: Scene): Promise<void> {
  const { control } = stack.aws;
  const frozen = first.services.replicators?.up() ?? [];
  const from = Date.now();
  if (plan.stall === "replicator frozen") for (const { process } of frozen) process.kill("SIGSTOP");
  if (plan.stall === "Region cut off") control.cutOff(related, true);
  if (plan.stall === "Region slow") control.setLatency(related, latencyMs.stalled, { service: "dynamodb" });
  const isBehind = () => acknowledgedIn(book, first, { from, to: Date.now() }).length >= leastBehind;
  await eventually(isBehind, { timeoutMs: 30_000 });

  const { records: most } = await stack.stores.state.debtStatus(related);
  control.setLatency(related, latencyMs.catchingUp, { service: "dynamodb" });
  control.cutOff(related, false);
  for (const { process } of frozen) process.kill("SIGCONT");
  const hasBegun = async () => (await stack.stores.state.debtStatus(related)).records < most;
  // A replicator that has met a Region in trouble looks again only after a while: then the home goes before it does.
  await eventually(hasBegun, { timeoutMs: 2_000, intervalMs: 10 }).catch(() => undefined);
}

async function killReplicator({ first }: Scene): Promise<void> {
  const { replicators } = first.services;
  const [member] = replicators?.up() ?? [];
  if (!replicators || !member) throw new Error("a replicator is up");
  await replicators.kill(member);
}
