/**
 * What a replica Region is told of the debt that its home has to it: a note in its
 * own state table, so that it knows something once the home is gone. The newest
 * stays.
 */

import type { CallOptions, DebtStatus, ScanCheckpoint, StateStore } from "@dekhand/store";
import type { ReconcileScope } from "../reconcile/reconcile-types.ts";
import type { ReplicaStatus } from "../status/status-types.ts";
import { type AskOptions, ask } from "./read-homes.ts";

export type NotedDebt = Pick<DebtStatus, "asOf" | "items" | "records" | "deks" | "atLeast" | "oldestAt">;

type State = Pick<StateStore, "getScan" | "saveScan">;

/** Tells each replica Region that can be reached; those that cannot are no failure. Throws the signal's reason. */
export async function noteDebts(
  all: readonly Pick<ReplicaStatus, "home" | "region" | "debt">[],
  stateOf: (region: string) => State,
  options: AskOptions = {},
): Promise<void> {
  const pairs = new Map(all.map((status) => [`${status.home} ${status.region}`, status]));
  const notes = [...pairs.values()].flatMap(({ home, region, debt }) =>
    debt.told ? [ask((call) => note(stateOf(region), { home, region, debt: debt.value }, call), options)] : [],
  );
  await Promise.all(notes);
}

/** Throws StoreError, and the signal's reason. */
export async function readNotedDebt(
  state: Pick<State, "getScan">,
  scope: ReconcileScope,
  options: CallOptions = {},
): Promise<NotedDebt | undefined> {
  const [last] = await state.getScan(nameOf(scope), options);
  if (!last) return undefined;
  const { items = 0, records = 0, deks = 0, atLeast = 0, oldestMs } = last.counts;
  const oldest = oldestMs === undefined ? {} : { oldestAt: new Date(oldestMs).toISOString() };
  return { asOf: last.startedAt, items, records, deks, atLeast: atLeast > 0, ...oldest };
}

async function note(
  state: State,
  { debt, ...scope }: ReconcileScope & { readonly debt: NotedDebt },
  options: CallOptions,
): Promise<void> {
  const name = nameOf(scope);
  const [before] = await state.getScan(name, options);
  if (before && before.startedAt >= debt.asOf) return;
  const { asOf, items, records, deks, atLeast, oldestAt } = debt;
  const counts = { items, records, deks, atLeast: atLeast ? 1 : 0 };
  const next: ScanCheckpoint = {
    name,
    segment: { index: 0, of: 1 },
    counts: oldestAt === undefined ? counts : { ...counts, oldestMs: Date.parse(oldestAt) },
    startedAt: asOf,
    doneAt: asOf,
    seq: before?.seq ?? 0,
  };
  // Where somebody else was first, theirs is as new.
  await state.saveScan(next, options);
}

function nameOf({ home, region }: ReconcileScope): string {
  return `known-debt/${home}/${region}`;
}
