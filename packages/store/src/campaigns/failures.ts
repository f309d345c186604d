/** What of a campaign failed, wrap by wrap, and what was decided about it. */

import type { CallOptions } from "../dynamodb/call-options.ts";
import { integer } from "../items/write-values.ts";
import { actOf } from "./campaign-items.ts";
import { campaignKey, failureItemName, failurePrefix, requireCampaignId } from "./campaign-keys.ts";
import { type CampaignTable, type CampaignWrite, notFound, untilWritten } from "./campaign-table.ts";
import type { CampaignAct, CampaignPage } from "./campaign-types.ts";
import { failureAttributes, readFailure, reported, type StoredFailure } from "./failure-items.ts";
import type {
  CampaignFailure,
  FailureCounts,
  FailureRef,
  FailureReport,
  ListFailuresOptions,
} from "./failure-types.ts";
import { listItems, readIfPossible } from "./list-campaigns.ts";

/** See `CampaignStore.recordFailures`. */
export async function recordFailures(
  table: CampaignTable,
  id: string,
  failures: readonly FailureReport[],
  options: CallOptions,
): Promise<void> {
  let open = [...new Map(failures.map((failure) => [failureItemName(failure), failure])).values()];
  if (open.length === 0) return;
  await untilWritten(async () => {
    const keys = open.map((failure) => campaignKey(id, failureItemName(failure)));
    const items = await table.getAll(keys, options);
    const there = new Map(items.map((item) => [item.item?.S, readIfPossible(item, readFailure)?.value]));
    // One that cannot be read is left: it counts as unresolved as it is, and must not keep the others from being written.
    open = open.filter((failure) => !isUnreadable(there, failureItemName(failure)));
    const written = await table.writeAll(
      open.map((failure) => {
        const stored = there.get(failureItemName(failure));
        return change(id, stored, reported(failure, stored?.failure));
      }),
      options,
    );
    open = open.filter((_, position) => !written[position]);
    return open.length === 0 ? true : undefined;
  });
}

export async function getFailure(
  table: CampaignTable,
  id: string,
  failure: FailureRef,
  options: CallOptions,
): Promise<StoredFailure | undefined> {
  const item = await table.get(requireCampaignId(id), failureItemName(failure), options);
  return item && readFailure(item);
}

/** See `CampaignStore.listFailures`. */
export async function listFailures(
  table: CampaignTable,
  id: string,
  { state, ...page }: ListFailuresOptions,
): Promise<CampaignPage<CampaignFailure>> {
  const { entries, ...rest } = await listItems(table, id, failurePrefix, (item) => readFailure(item).failure, page);
  return { ...rest, entries: entries.filter((entry) => state === undefined || entry.state === state) };
}

/** See `CampaignStore.countFailures`. */
export async function countFailures(table: CampaignTable, id: string, options: CallOptions): Promise<FailureCounts> {
  const counts = { open: 0, resolved: 0, skipped: 0, malformed: 0 };
  let cursor: string | undefined;
  do {
    const page = await listFailures(table, id, { ...options, cursor, limit: 1_000 });
    for (const { state } of page.entries) counts[state] += 1;
    counts.malformed += page.malformed.length;
    cursor = page.cursor;
  } while (cursor !== undefined);
  return counts;
}

/** See `CampaignStore.resolveFailure`. */
export async function resolveFailure(
  table: CampaignTable,
  id: string,
  failure: FailureRef,
  options: CallOptions,
): Promise<void> {
  await untilWritten(async () => {
    const stored = await getFailure(table, id, failure, options);
    if (!stored || stored.failure.state === "resolved") return true;
    return (await table.write(change(id, stored, { ...stored.failure, state: "resolved" }), options)) || undefined;
  });
}

/** See `CampaignStore.skipFailure`. */
export function skipFailure(
  table: CampaignTable,
  id: string,
  failure: FailureRef,
  by: CampaignAct,
  options: CallOptions,
): Promise<CampaignFailure> {
  return untilWritten(async () => {
    const stored = await getFailure(table, id, failure, options);
    if (!stored) throw notFound(id, failureItemName(failure));
    if (stored.failure.state !== "open") return stored.failure;
    const next: CampaignFailure = { ...stored.failure, state: "skipped", skipped: actOf(by) };
    return (await table.write(change(id, stored, next), options)) ? next : undefined;
  });
}

function isUnreadable(there: ReadonlyMap<string | undefined, StoredFailure | undefined>, name: string): boolean {
  return there.has(name) && there.get(name) === undefined;
}

function change(id: string, stored: StoredFailure | undefined, next: CampaignFailure): CampaignWrite {
  const key = campaignKey(id, failureItemName(next));
  if (!stored) return { kind: "insert", key, item: failureAttributes({ failure: next, rev: 1 }) };
  const set = failureAttributes({ failure: next, rev: stored.rev + 1 });
  return { kind: "update", key, when: { rev: integer(stored.rev) }, set };
}
