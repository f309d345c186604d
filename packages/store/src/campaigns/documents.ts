import type { CallOptions } from "../dynamodb/call-options.ts";
import { StoreError } from "../errors.ts";
import { readItem } from "../items/item-reader.ts";
import { text } from "../items/write-values.ts";
import { campaignKey, documentItemName, requireCampaignId } from "./campaign-keys.ts";
import type { CampaignTable } from "./campaign-table.ts";

const maxBodyBytes = 390_000;

/** See `CampaignStore.putDocument`. */
export async function putDocument(
  table: CampaignTable,
  id: string,
  name: string,
  body: string,
  options: CallOptions,
): Promise<void> {
  if (!body.isWellFormed() || Buffer.byteLength(body) > maxBodyBytes) {
    throw new StoreError("STORE_VALUE_INVALID", `a document is at most ${maxBodyBytes} bytes of well-formed text`);
  }
  const key = campaignKey(id, documentItemName(name));
  if (await table.write({ kind: "insert", key, item: { body: text(body) } }, options)) return;
  if ((await getDocument(table, id, name, options)) === body) return;
  throw new StoreError("STORE_DOCUMENT_EXISTS", "the campaign has another document of that name", {
    context: { campaignId: id, document: name },
  });
}

export async function getDocument(
  table: CampaignTable,
  id: string,
  name: string,
  options: CallOptions,
): Promise<string | undefined> {
  const item = await table.get(requireCampaignId(id), documentItemName(name), options);
  return item && readItem(item, { table: "campaigns", campaignId: id, document: name }).text("body");
}
