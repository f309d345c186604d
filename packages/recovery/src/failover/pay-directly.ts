/**
 * Pays what one Region's table says that it owes another, whichever of them is
 * the home: replicators copy from homes only.
 */

import { type CallOptions, type DebtItem, splitDebt } from "@dekhand/store";
import { createTally, type Tally } from "../reconcile/tally.ts";
import { sideBySide } from "../replicate/side-by-side.ts";
import { carry } from "./carry.ts";
import { isWrittenTwice, settleAll } from "./settle-page.ts";
import type { SettleRun } from "./settle-run.ts";
import { type Sum, toSettleCounts } from "./settle-types.ts";

export interface PaidDirectly extends Sum {
  /** Items that are left, for what failed in them. */
  readonly left: number;
}

const pageItems = 100;
const atOnce = 4;

/** `run`: of these two Regions, either way. Throws StoreError where a table cannot be read, and the signal's reason. */
export async function payDirectly(
  run: SettleRun,
  { from, to }: { readonly from: string; readonly to: string },
  { signal }: CallOptions = {},
): Promise<PaidDirectly> {
  const tally = createTally();
  let left = 0;
  await eachDebtPage(run, { from, to }, { signal }, async (page) => {
    const paid = await sideBySide(page, atOnce, (item) => payItem(run, item, { from, to, tally, signal }));
    left += paid.filter((isPaid) => !isPaid).length;
  });
  return { counts: toSettleCounts(tally.all()), failures: run.failures(), left };
}

/**
 * Makes what one Region owes a third one the debt of the home, which has all that the first one has: nobody pays the debt of
 * a Region that is not the home. What is of other profiles stays owed by the Region. Answers with the number of items.
 */
export async function handOverDebt(
  run: SettleRun,
  { owedTo }: { readonly owedTo: string },
  options: CallOptions = {},
): Promise<number> {
  const { home, other, scope } = run;
  let handed = 0;
  await eachDebtPage(run, { from: scope.region, to: owedTo }, options, async (page) => {
    for (const item of page) {
      const { ours, others } = await byProfile(run, item, options);
      const debt = { region: owedTo, at: item.at };
      await home.stores.state.putDebt(splitDebt({ ...debt, ...ours }), options);
      await other.stores.state.putDebt(splitDebt({ ...debt, ...others }), options);
      await other.stores.state.settleDebt(owedTo, [item.id], options);
    }
    handed += page.length;
  });
  return handed;
}

/** What of an item is of the profiles that are settled, and what is not. */
async function byProfile({ other, profiles, scope }: SettleRun, item: DebtItem, options: CallOptions) {
  const heads =
    item.recordIds.length === 0 ? new Map() : (await other.stores.records.getHeads(item.recordIds, options)).heads;
  const dekOf = new Map<string, string>([...heads].map(([recordId, { dekId }]) => [recordId, dekId]));
  const found = await profiles.profilesOf([...item.dekIds, ...dekOf.values()], options);
  const isOther = (dekId: string | undefined) => {
    const profile = dekId === undefined ? undefined : found.get(dekId);
    return profile !== undefined && !scope.profiles.has(profile);
  };
  const split = (ids: readonly string[], dekIdOf: (id: string) => string | undefined) =>
    Object.groupBy(ids, (id) => (isOther(dekIdOf(id)) ? "others" : "ours"));
  const deks = split(item.dekIds, (id) => id);
  const records = split(item.recordIds, (id) => dekOf.get(id));
  return {
    ours: { dekIds: deks.ours ?? [], recordIds: records.ours ?? [] },
    others: { dekIds: deks.others ?? [], recordIds: records.others ?? [] },
  };
}

async function eachDebtPage(
  { deps }: SettleRun,
  { from, to }: { readonly from: string; readonly to: string },
  options: CallOptions,
  work: (page: readonly DebtItem[]) => Promise<void>,
): Promise<void> {
  const { state } = deps.regionOf(from).stores;
  let cursor: string | undefined;
  do {
    const page = await state.listDebt(to, { ...options, cursor, limit: pageItems });
    await work(page.entries);
    cursor = page.cursor;
  } while (cursor !== undefined);
}

/** Whether nothing of it is owed any more. */
async function payItem(
  run: SettleRun,
  { id, dekIds, recordIds }: DebtItem,
  { from, to, tally, signal }: CallOptions & { readonly from: string; readonly to: string; readonly tally: Tally },
): Promise<boolean> {
  const onKept = () => tally.add("contested");
  const { arrived, failed } = await carry({ dekIds, recordIds }, { from, to, deps: run.deps, onKept, signal });
  tally.add("paid", arrived.recordIds.length);
  const contested = failed.filter(isWrittenTwice).map((failure) => failure.id);
  const settled = await settleAll(run, contested, { tally, signal });
  const others = failed.filter((failure) => !isWrittenTwice(failure));
  for (const failure of others) {
    if (failure.kind === "record") run.fail({ recordId: failure.id, code: failure.code }, tally);
  }
  if (others.length > 0 || !settled) return false;
  await run.deps.regionOf(from).stores.state.settleDebt(to, [id], { signal });
  return true;
}
