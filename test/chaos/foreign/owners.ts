/**
 * Two applications that keep wrapped keys since before Dekhand: one in DynamoDB, one in Postgres. All that is known of
 * them here is what their owners know: contexts of their own, keys that follow from ids, and how they are read.
 */

import { createHash } from "node:crypto";

/** Orders in DynamoDB: base64 under an attribute, the key's ARN beside it, and room for labels. */
export const orders = {
  table: "orders-keys",
  idOf: (number: number) => `order-${number}`,
  context: (id: string) => ({ app: "shop", order: id }),
} as const;

/** Documents in Postgres: bytes, and nothing that tells the key. The owner counts how often a row's blob has changed. */
export const documents = {
  idOf: (number: number) => String(number),
  tenantOf: (id: string) => `tenant-${Number(id) % 100}`,
  context: (id: string) => ({ document: id, tenant: documents.tenantOf(id) }),
  schema: [
    `CREATE TABLE document_keys (
       id bigint PRIMARY KEY, tenant text NOT NULL, wrapped bytea NOT NULL, changes integer NOT NULL DEFAULT 0)`,
    `CREATE FUNCTION count_change() RETURNS trigger LANGUAGE plpgsql AS
       'BEGIN NEW.changes := OLD.changes + 1; RETURN NEW; END'`,
    "CREATE TRIGGER changed BEFORE UPDATE ON document_keys FOR EACH ROW EXECUTE FUNCTION count_change()",
  ],
} as const;

/** The data key of an order or a document, in the clear. Of a test, so it may follow from the id. */
export function keyOf(kind: "order" | "document", id: string): Buffer {
  return createHash("sha256").update(`${kind} ${id}`).digest();
}

/** `wrapStores` of the configuration. */
export function wrapStores(
  region: string,
  keys: { readonly orders: readonly string[]; readonly documents: readonly string[] },
): object {
  return {
    orders: {
      region,
      keys: keys.orders,
      dynamodb: {
        table: orders.table,
        partition: { name: "orderId" },
        blob: { attribute: "wrappedKey", encoding: "base64" },
        keyArn: { attribute: "kmsKey" },
        labels: { material: "kmsMaterial", campaign: "rewrappedBy", wrappedAt: "rewrappedAt" },
        context: { attributes: { order: "orderId" }, constants: { app: "shop" } },
      },
    },
    documents: {
      region,
      keys: keys.documents,
      postgres: {
        connection: "DEKHAND_DOCUMENTS_URL",
        scan: `SELECT id, wrapped AS blob, tenant, id::text AS document FROM document_keys
          WHERE ($1::bigint IS NULL OR id > $1::bigint) AND id % $4::bigint = $3::bigint ORDER BY id LIMIT $2`,
        swap: "UPDATE document_keys SET wrapped = $3 WHERE id = $1::bigint AND wrapped = $2",
        read: "SELECT id, wrapped AS blob, tenant, id::text AS document FROM document_keys WHERE id = $1::bigint",
        context: { columns: { document: "document", tenant: "tenant" } },
      },
    },
  };
}
