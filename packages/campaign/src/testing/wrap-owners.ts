/**
 * The owners of wraps in every kind of store that a configuration can name. They make wraps by plain KMS calls, as
 * applications do that know nothing of Dekhand, under contexts of their own.
 */

import { randomBytes, randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { CreateTableCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { createTransitKeys, kmsContext } from "@dekhand/deks";
import { createDek, newDekId } from "@dekhand/envelope";
import type { KmsContext } from "@dekhand/kms";
import type { PostgresQuery, Stores } from "@dekhand/store";
import { eventually } from "@dekhand/testing";
import { type CampaignRegion, profileName, region } from "./campaign-region.ts";

/** Puts one new wrap under a key into a store; answers its id, and what it unwraps to. */
export type PutWrap = (keyArn: string) => Promise<readonly [id: string, plaintext: Buffer]>;

export interface OwnersHome {
  readonly home: CampaignRegion;
  readonly stores: Stores;
  readonly query: PostgresQuery;
  /** Where the owner's module is written to. */
  readonly modulePath: string;
}

export const connectionVariable = "DEKHAND_DOCUMENTS_URL";
const table = "orders-keys";

/** `wrapStores` of a configuration, for these owners' stores. */
export function ownersStores(keys: readonly string[], modulePath: string) {
  const shared = { region, keys };
  return {
    orders: {
      ...shared,
      segments: 2,
      dynamodb: {
        table,
        partition: { name: "order" },
        blob: { attribute: "edek", encoding: "base64" },
        keyArn: { attribute: "cmk" },
        context: { attributes: { order: "order" }, constants: { app: "shop" } },
      },
    },
    documents: {
      ...shared,
      postgres: {
        connection: connectionVariable,
        scan: "SELECT id, edek AS blob FROM documents WHERE $1::text IS NULL OR id > $1 ORDER BY id LIMIT $2",
        swap: "UPDATE documents SET edek = $3 WHERE id = $1 AND edek = $2",
        context: { columns: { document: "id" } },
      },
    },
    legacy: { ...shared, module: modulePath },
  };
}

/** Makes the owners' tables; answers how a wrap gets into each store, Dekhand's own included. */
export async function startOwners({ home, stores, query, modulePath }: OwnersHome) {
  const { kms, clients } = home;
  await createTable(home);
  await query("CREATE TABLE documents (id text PRIMARY KEY, edek bytea NOT NULL)", []);
  await writeFile(modulePath, moduleText);
  const legacy = legacyWraps();

  const dekhand: PutWrap = async (keyArn) => {
    const dekId = newDekId();
    const context = kmsContext(dekId, profileName, { tenant: "a" });
    const { blob, plaintext } = await kms.generateDataKey({ keyArn, context });
    using dek = createDek(dekId, Uint8Array.from(plaintext));
    const { commitment } = dek;
    const at = new Date().toISOString();
    await stores.deks.insert(
      { dekId, profile: profileName, suite: 1, commitment, context, home: region, createdAt: at },
      { region, keyArn, blob, context, wrappedAt: at },
    );
    return [dekId, plaintext];
  };

  const transit: PutWrap = async (keyArn) => {
    const [keyId, privateKey] = [randomUUID(), randomBytes(32)];
    const plaintext = Buffer.from(privateKey);
    const keys = createTransitKeys({ state: stores.state, kms, key: keyArn });
    await keys.add({ keyId, publicKey: randomBytes(32), privateKey });
    return [keyId, plaintext];
  };

  /** A wrap that somebody else's application made, stored by `put`. */
  const foreign = (
    contextOf: (id: string) => KmsContext,
    put: (id: string, wrap: Wrapped) => Promise<unknown>,
  ): PutWrap => {
    return async (keyArn) => {
      const id = randomUUID();
      const { blob, plaintext } = await kms.generateDataKey({ keyArn, context: contextOf(id) });
      await put(id, { keyArn, blob: Buffer.from(blob) });
      return [id, plaintext];
    };
  };

  return {
    dekhand,
    transit,
    orders: foreign(
      (order) => ({ order, app: "shop" }),
      (order, { keyArn, blob }) => {
        const Item = { order: { S: order }, edek: { S: blob.toString("base64") }, cmk: { S: keyArn } };
        return clients.dynamodb.send(new PutItemCommand({ TableName: table, Item }));
      },
    ),
    documents: foreign(
      (document) => ({ document }),
      (id, { blob }) => query("INSERT INTO documents (id, edek) VALUES ($1, $2)", [id, blob]),
    ),
    legacy: foreign(
      () => ({ app: "legacy" }),
      async (id, { keyArn, blob }) => legacy.set(id, { id, keyArn, blob, context: { app: "legacy" } }),
    ),
  };
}

interface Wrapped {
  readonly keyArn: string;
  readonly blob: Buffer;
}

async function createTable({ clients: { dynamodb } }: CampaignRegion): Promise<void> {
  await dynamodb.send(
    new CreateTableCommand({
      TableName: table,
      BillingMode: "PAY_PER_REQUEST",
      KeySchema: [{ AttributeName: "order", KeyType: "HASH" }],
      AttributeDefinitions: [{ AttributeName: "order", AttributeType: "S" }],
    }),
  );
  const Item = { order: { S: "no wrap" } };
  await eventually(async () => {
    await dynamodb.send(new PutItemCommand({ TableName: table, Item }));
    return true;
  });
}

/** The module and this process share them, as a module's own client would lead to a store. */
function legacyWraps(): Map<string, object> {
  const wraps = new Map<string, object>();
  Reflect.set(globalThis, Symbol.for("dekhand.test.legacy"), wraps);
  return wraps;
}

const moduleText = `
interface Found { readonly id: string; readonly keyArn: string; readonly blob: Uint8Array }
const wraps: Map<string, Found> = Reflect.get(globalThis, Symbol.for("dekhand.test.legacy"));

export const labels = { keyArn: true };

export async function scan(_segment: unknown, { cursor = "", pageSize }: { cursor?: string; pageSize: number }) {
  const page = [...wraps.values()].filter(({ id }) => id > cursor).sort((a, b) => (a.id < b.id ? -1 : 1)).slice(0, pageSize);
  const last = page.at(-1);
  return { wraps: page, ...(last ? { cursor: last.id } : {}) };
}

export const read = async (id: string) => wraps.get(id);

export async function swap({ id, oldBlob, next }: { id: string; oldBlob: Uint8Array; next: Omit<Found, "id"> }) {
  const found = wraps.get(id);
  if (!found) return "gone";
  if (Buffer.compare(found.blob, oldBlob) !== 0) return "conflict";
  wraps.set(id, { ...found, blob: next.blob, keyArn: next.keyArn });
  return "swapped";
}
`;
