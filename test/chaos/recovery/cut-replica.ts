/** A replica Region is cut off for 20 s while records come in, and comes back. */

import { setTimeout as delay } from "node:timers/promises";
import { eventually } from "@dekhand/testing";
import { expect } from "vitest";
import { recordsIn } from "./records-in.ts";
import { apart, related, type Scene } from "./scene.ts";
import { acknowledgedIn, lackedBy, type Pace, paceOf } from "./tally.ts";

export interface ReplicaOutage {
  readonly pace: Pace;
  /** Records that the Region lacked when it came back. */
  readonly lacked: number;
  /** From then until it had them, in milliseconds. */
  readonly paidMs: number;
}

const halfMs = 10_000;
/** How far the other Region may be behind meanwhile, as a part of what was taken in. */
const mostBehind = 0.25;

export async function cutReplica(scene: Scene): Promise<ReplicaOutage> {
  const { plan, stack, book, producer, first } = scene;
  const { control } = stack.aws;
  const from = Date.now();
  const killing = killEncryptor(scene);
  for (const mode of plan.replicaCut) {
    control.cutOff(apart, true, { mode });
    await pause(halfMs);
  }
  const to = Date.now();
  await killing;
  const pace = paceOf(producer, first, { from, to });
  const meanwhile = acknowledgedIn(book, first, { from, to });
  const owed = await stack.stores.state.debtStatus(apart);
  const owedToOther = await stack.stores.state.debtStatus(related);
  const behind = lackedBy(await recordsIn(stack, related), meanwhile).length;
  control.cutOff(apart, false);
  const lacked = lackedBy(await recordsIn(stack, apart), meanwhile).length;

  expect(pace.worst, "acknowledged, of what was submitted, in the worst 5 s").toBeGreaterThan(0.6);
  expect(pace.acknowledged / pace.submitted, "acknowledged, of what was submitted").toBeGreaterThan(0.85);
  expect(pace.p90Ms, "from the queue to the acknowledgement").toBeLessThan(2_500);
  expect(lacked, "records that the Region lacks").toBeGreaterThan(0.85 * meanwhile.length);
  expect(owed.records, "debt that is told, against what the Region lacks").toBeGreaterThanOrEqual(lacked);
  expect(behind, "records that the other Region lacks").toBeLessThan(mostBehind * meanwhile.length);
  expect(owedToOther.records, "debt to the other Region").toBeLessThan(mostBehind * owed.records);

  const restoredAt = Date.now();
  await eventually(
    async () => {
      const { oldestAt } = await stack.stores.state.debtStatus(apart);
      if (oldestAt !== undefined) expect(Date.parse(oldestAt)).toBeGreaterThan(restoredAt);
    },
    { timeoutMs: 150_000, intervalMs: 250 },
  );
  const paidMs = Date.now() - restoredAt;
  const all = acknowledgedIn(book, first, { from: 0, to: restoredAt });
  expect(lackedBy(await recordsIn(stack, apart), all)).toEqual([]);
  return { pace, lacked, paidMs };
}

async function killEncryptor({ plan, first }: Scene): Promise<void> {
  await pause(plan.killMs);
  const { encryptors } = first.services;
  const members = encryptors.up();
  const member = members[Math.floor(plan.random() * members.length)];
  if (member) await encryptors.kill(member);
}

/** Not a wait for anything: how long a fault lasts is what the test decides. */
export function pause(ms: number): Promise<void> {
  return delay(ms);
}
