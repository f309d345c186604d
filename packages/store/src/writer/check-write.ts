import { StoreError } from "../errors.ts";
import { itemBytes, MAX_ITEM_BYTES } from "../items/item-bytes.ts";
import type { ConditionalWrite } from "./conditional-write.ts";

/** Names are written into statements between quotes, so nothing that could end the quotes gets in. */
const attributeName = /^[A-Za-z_][A-Za-z0-9_-]{0,254}$/;
const tableName = /^[A-Za-z0-9_.-]{3,255}$/;

/** What is wrong with a write of that many {@link writtenBytes} before it is sent, or undefined. */
export function checkWrite(write: ConditionalWrite, bytes: number): StoreError | undefined {
  const names = namesOf(write);
  if (!tableName.test(write.table) || !names.every((name) => attributeName.test(name))) {
    return new StoreError("STORE_VALUE_INVALID", "a table or attribute name is outside what Dekhand writes");
  }
  if (Object.keys(write.key).length === 0 || (write.kind === "update" && Object.keys(write.set).length === 0)) {
    return new StoreError("STORE_VALUE_INVALID", "a write needs a key, and an update something to set");
  }
  if (bytes > MAX_ITEM_BYTES) {
    return new StoreError("STORE_ITEM_TOO_LARGE", "the item is larger than DynamoDB takes", { context: { bytes } });
  }
  return undefined;
}

/** Bytes that the write brings along, in DynamoDB's count. */
export function writtenBytes(write: ConditionalWrite): number {
  const values = write.kind === "insert" ? write.item : write.kind === "update" ? write.set : {};
  return itemBytes(write.key) + itemBytes(values);
}

/** Tells items apart: equal for two writes exactly when they name the same item. */
export function itemIdentity({ table, key }: ConditionalWrite): string {
  const parts = Object.keys(key)
    .sort()
    .map((name) => [name, key[name]?.S ?? key[name]?.N ?? Buffer.from(key[name]?.B ?? []).toString("hex")]);
  return JSON.stringify([table, parts]);
}

function namesOf(write: ConditionalWrite): string[] {
  const key = Object.keys(write.key);
  switch (write.kind) {
    case "insert":
      return [...key, ...Object.keys(write.item)];
    case "update":
      return [...key, ...Object.keys(write.when), ...Object.keys(write.set), ...(write.remove ?? [])];
    case "delete":
      return [...key, ...Object.keys(write.when ?? {})];
  }
}
