/** The second Region takes over, with what it has alone, and ingestion goes on there. */

import { eventually } from "@dekhand/testing";
import { expect } from "vitest";
import { pause } from "./cut-replica.ts";
import type { Job } from "./job-book.ts";
import { hasArrived, recordsIn } from "./records-in.ts";
import { type Rival, rivalsElsewhere } from "./rivals.ts";
import { home, perSecond, related, type Scene } from "./scene.ts";
import { acknowledgedIn, lackedBy, type Pace, paceOf } from "./tally.ts";

export interface TakeOver {
  readonly rivals: readonly Rival[];
  readonly pace: Pace;
  /** Acknowledged there, of jobs that no other queue has ever met. */
  readonly stored: readonly Job[];
}

interface FailoverDocument {
  readonly moved: readonly { readonly to: string; readonly epoch: number }[];
  readonly debts: readonly {
    readonly home: string;
    readonly debt?: { readonly asOf: string; readonly records: number; readonly source: string };
  }[];
}

/** How long ingestion is looked at, in milliseconds. */
const lookMs = 5_000;

/** `missing`: acknowledged by the first home, and not here. */
export async function takeOver(scene: Scene, missing: readonly Job[]): Promise<TakeOver> {
  const { stack, there, book, producer, first, second } = scene;
  // Of an older one, the first home's queue may have taken what it could not say any more.
  const oldest = book.size;
  const reason = ["--reason", "the Region is gone"];
  const moved = await there.dekhand("failover", "--to", related, ...reason, "--yes", "--json");
  expect(moved.stderr).toContain(`${home} could not be told`);
  expect(moved.exitCode, moved.stderr).toBe(0);
  const document: FailoverDocument = JSON.parse(moved.stdout);
  expect(document.moved).toHaveLength(2);
  for (const one of document.moved) expect(one).toMatchObject({ to: related, epoch: 2 });
  const { debt } = document.debts.find((one) => one.home === home) ?? {};
  if (debt === undefined) throw new Error("the control service has told the Region of the debt to it");
  const later = acknowledgedIn(book, first, { from: Date.parse(debt.asOf), to: Date.now() }).length;
  expect(missing.length, "missing, by what the Region was last told").toBeLessThanOrEqual(debt.records + later);

  const before = await recordsIn(stack, related);
  const rivals = rivalsElsewhere(book, lackedBy(before, missing));
  expect(rivals.length, "records that both sides are to write").toBeGreaterThan(3);
  second.services.startReplicators();
  producer.turnTo(second.queue);
  await producer.hand(
    rivals.map(({ job }) => job),
    second.queue,
  );
  const backlog = () =>
    producer.waiting + [...producer.taken].filter(([id, { regions }]) => isOpen(scene, id, regions)).length;
  await eventually(() => backlog() < perSecond, { timeoutMs: 90_000, intervalMs: 100 });
  const from = Date.now();
  await pause(lookMs);
  const to = Date.now();

  const pace = paceOf(producer, second, { from, to });
  expect(pace.worst, "acknowledged, of what was submitted, in the worst 5 s").toBeGreaterThan(0.6);
  const acknowledged = acknowledgedIn(book, second, { from: 0, to });
  const seen = await recordsIn(stack, related);
  expect(lackedBy(seen, acknowledged)).toEqual([]);
  const fresh = acknowledged.filter((job) => !hasArrived(before, job));
  for (const { recordId, id } of fresh) {
    const head = seen.heads.get(recordId);
    if (head?.jobId === id) expect(head.epoch, recordId).toBe(2);
  }
  const others = new Set(rivals.map(({ job }) => job.id));
  const stored = fresh.filter(({ id, number }) => number >= oldest && !others.has(id));
  return { rivals, pace, stored };
}

function isOpen({ second }: Scene, id: string, regions: ReadonlySet<string>): boolean {
  return regions.has(second.region) && !second.ledger.acknowledged.has(id);
}
