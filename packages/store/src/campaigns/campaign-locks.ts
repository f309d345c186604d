/**
 * One campaign a key: a lock is an item that names its holder, put conditionally.
 *
 * A lock is taken before its campaign exists. When its creation never comes to an
 * end, the lock can be taken over after a while, which is a matter of waiting
 * only: what keeps the sleeper from creating its campaign afterwards is the mark
 * in the campaign's place (see campaign-root.ts), so no clock has to be right.
 */

import { randomUUID } from "node:crypto";
import type { CallOptions } from "../dynamodb/call-options.ts";
import { StoreError } from "../errors.ts";
import { readItem } from "../items/item-reader.ts";
import { text } from "../items/write-values.ts";
import { lockItemName, lockKey } from "./campaign-keys.ts";
import { abandonRoot, type CampaignRoot, readRoot } from "./campaign-root.ts";
import { type CampaignTable, contended, untilWritten } from "./campaign-table.ts";
import { isEnded } from "./campaign-types.ts";

/** Who takes a lock: one run of creating one campaign. */
export interface LockTaker {
  readonly campaignId: string;
  /** Unique to this run. */
  readonly creation: string;
  /** The campaign's item when the run began; it has to stay so. */
  before: CampaignRoot;
  readonly now: () => Date;
  /** For how long a lock without a campaign is left to who took it, in milliseconds. */
  readonly patienceMs: number;
}

interface Lock {
  readonly holder: string;
  readonly creation: string;
  readonly at: string;
}

/** Takes the lock, from a holder that has ended or never was, too. Throws STORE_CAMPAIGN_LOCKED, STORE_CONTENDED. */
export function takeLock(table: CampaignTable, lock: string, taker: LockTaker, options: CallOptions): Promise<Lock> {
  const mine = { holder: taker.campaignId, creation: taker.creation, at: taker.now().toISOString() };
  const key = lockKey(lock);
  return untilWritten(async () => {
    const found = await readLock(table, lock, options);
    if (!found)
      return (await table.write({ kind: "insert", key, item: attributesOf(mine) }, options)) ? mine : undefined;
    // A write whose answer was lost is sent again by the SDK and then meets itself.
    if (found.creation === taker.creation) return found;
    if (!(await isFree(table, lock, found, taker, options))) return undefined;
    const when = { holder: text(found.holder), creation: text(found.creation) };
    return (await table.write({ kind: "update", key, when, set: attributesOf(mine) }, options)) ? mine : undefined;
  });
}

/** Gives locks back that are still the holder's; of one creation only, where that is given. */
export async function releaseLocks(
  table: CampaignTable,
  locks: readonly string[],
  of: { readonly holder: string; readonly creation?: string },
  options: CallOptions,
): Promise<void> {
  const when = { holder: text(of.holder), ...(of.creation === undefined ? {} : { creation: text(of.creation) }) };
  await table.writeAll(
    locks.map((lock) => ({ kind: "delete", key: lockKey(lock), when })),
    options,
  );
}

/** The campaign that holds the lock and has not ended. */
export async function findLockHolder(
  table: CampaignTable,
  lock: string,
  options: CallOptions,
): Promise<string | undefined> {
  const found = await readLock(table, lock, options);
  const root = found && (await readRoot(table, found.holder, options));
  return root?.kind === "campaign" && !isEnded(root.campaign.status) ? found?.holder : undefined;
}

/** Whether a lock that names a holder may be taken from it. False: something changed, look again. */
async function isFree(
  table: CampaignTable,
  lock: string,
  found: Lock,
  taker: LockTaker,
  options: CallOptions,
): Promise<boolean> {
  const root = await readRoot(table, found.holder, options);
  if (root.kind === "campaign") {
    if (isEnded(root.campaign.status)) return true;
    // Of two that create the very same campaign, the one that comes late finds it when it tries again.
    throw locked(lock, found.holder, found.holder === taker.campaignId);
  }
  if (taker.now().getTime() - Date.parse(found.at) < taker.patienceMs) throw locked(lock, found.holder, true);
  if (found.holder !== taker.campaignId) {
    return (await abandonRoot(table, found.holder, randomUUID(), root, options)) !== undefined;
  }
  // An earlier creation of the very campaign. Its mark may only replace what was there when this run began: any other
  // says that this run, too, has been abandoned.
  const marked = await abandonRoot(table, found.holder, randomUUID(), taker.before, options);
  if (!marked) throw contended();
  taker.before = marked;
  return true;
}

async function readLock(table: CampaignTable, lock: string, options: CallOptions): Promise<Lock | undefined> {
  const { campaignId: partition } = lockKey(lock);
  const item = await table.get(partition.S, lockItemName, options);
  if (!item) return undefined;
  const reader = readItem(item, { table: "campaigns", campaignId: partition.S });
  return { holder: reader.text("holder"), creation: reader.text("creation"), at: reader.text("at") };
}

function attributesOf({ holder, creation, at }: Lock) {
  return { holder: text(holder), creation: text(creation), at: text(at) };
}

function locked(lock: string, holder: string, beingCreated: boolean): StoreError {
  const what = beingCreated ? "which is being created" : "which has not ended";
  return new StoreError("STORE_CAMPAIGN_LOCKED", `campaign ${holder}, ${what}, holds a lock that this one needs`, {
    retryable: beingCreated,
    context: { holder, lock },
  });
}
