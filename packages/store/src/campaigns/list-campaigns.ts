import { StoreError } from "../errors.ts";
import { readCampaign } from "./campaign-items.ts";
import { type CampaignItem, campaignKey, directoryPartition, requireCampaignId } from "./campaign-keys.ts";
import type { CampaignTable } from "./campaign-table.ts";
import type { Campaign, CampaignPage, CampaignPageOptions } from "./campaign-types.ts";

const defaultLimit = 100;

/** See `CampaignStore.list`. */
export async function listCampaigns(
  table: CampaignTable,
  { cursor, limit = defaultLimit, signal }: CampaignPageOptions,
): Promise<CampaignPage<Campaign>> {
  const after = cursor === undefined ? undefined : requireCampaignId(cursor);
  const { items, last } = await table.page(directoryPartition, { after, limit, signal, descending: true });
  const ids = items.flatMap(({ item }) => item?.S ?? []);
  const found = await table.getAll(
    ids.map((id) => campaignKey(id)),
    { signal },
  );
  const byId = new Map(found.map((item) => [item.campaignId?.S ?? "", item]));
  const campaigns = ids.map((id) => byId.get(id)).filter((item) => item !== undefined);
  return {
    ...readAll(campaigns.filter(isCampaign), readCampaign, "campaignId"),
    ...(last === undefined ? {} : { cursor: last }),
  };
}

/** One page of a campaign's items of one kind; `cursor` is the sort key to go on after, of that kind. */
export async function listItems<T>(
  table: CampaignTable,
  id: string,
  prefix: string,
  read: (item: CampaignItem) => T,
  { cursor, limit = defaultLimit, signal }: CampaignPageOptions,
): Promise<CampaignPage<T>> {
  const after = cursor === undefined ? undefined : prefix + textOfCursor(cursor);
  const { items, last } = await table.page(requireCampaignId(id), { prefix, after, limit, signal });
  const next = last === undefined ? {} : { cursor: Buffer.from(last.slice(prefix.length)).toString("base64url") };
  return { ...readAll(items, read, "item"), ...next };
}

/** A creation that was given up is listed and leads nowhere, or to the mark in its place. */
function isCampaign({ mark }: CampaignItem): boolean {
  return mark === undefined;
}

/** One item that cannot be read must not hide the others. */
function readAll<T>(items: readonly CampaignItem[], read: (item: CampaignItem) => T, name: "campaignId" | "item") {
  const entries: T[] = [];
  const malformed: string[] = [];
  for (const item of items) {
    const entry = readIfPossible(item, read);
    if (entry) entries.push(entry.value);
    else malformed.push(item[name]?.S ?? "");
  }
  return { entries, malformed };
}

/** Undefined where the item does not have the shape that this version writes. */
export function readIfPossible<T>(
  item: CampaignItem,
  read: (item: CampaignItem) => T,
): { readonly value: T } | undefined {
  try {
    return { value: read(item) };
  } catch (error) {
    if (error instanceof StoreError && error.code === "STORE_ITEM_MALFORMED") return undefined;
    throw error;
  }
}

function textOfCursor(cursor: string): string {
  if (/^[A-Za-z0-9_-]{1,1400}$/.test(cursor)) return Buffer.from(cursor, "base64url").toString();
  throw new StoreError("STORE_VALUE_INVALID", "not a cursor of this list");
}
