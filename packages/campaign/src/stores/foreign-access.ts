/** A wrap store of somebody else's, from its configuration. */

import { createListedKeys } from "@dekhand/deks";
import type { PostgresWrapStoreConfig, WrapStoreConfig } from "@dekhand/runtime";
import {
  createDynamodbWrapStore,
  createModuleWrapStore,
  createPostgresWrapStore,
  openPostgres,
  StoreError,
  type WrapStore,
} from "@dekhand/store";
import type { WrapAccess } from "../wrap-access.ts";
import { admitListedKeys } from "./admit-listed-keys.ts";
import { loadWrapModule } from "./load-wrap-module.ts";
import type { StoreOpening } from "./open-wrap-access.ts";

/** Throws StoreError, whose message names the store. Of Postgres, only the first statement connects. */
export async function openForeignAccess(
  config: WrapStoreConfig,
  opening: StoreOpening,
  signal: AbortSignal,
): Promise<WrapAccess> {
  const { name, region, keys: names, segments } = config;
  const kms = opening.kms(region);
  const store = await openStore(config, opening).catch((error: unknown) => {
    throw named(name, error);
  });
  const keys = createListedKeys({ names, kms, purpose: `the wrap store ${name}`, logger: opening.logger });
  await keys.resolve({ signal });
  return { store: segments === undefined ? store : withSegments(store, segments), kms, admit: admitListedKeys(keys) };
}

async function openStore(config: WrapStoreConfig, opening: StoreOpening): Promise<WrapStore> {
  const { name, region } = config;
  switch (config.kind) {
    case "dynamodb": {
      const { table, mapping } = config;
      const writer = opening.writer(region);
      return createDynamodbWrapStore({ client: opening.dynamodb(region), writer, name, region, table, mapping });
    }
    case "postgres":
      return openPostgresStore(config, opening);
    case "module":
      return createModuleWrapStore(await loadWrapModule(config.module), { name, region });
  }
}

async function openPostgresStore(
  { name, region, connection, statements, encoding, keyArn, context }: PostgresWrapStoreConfig,
  { secret, logger, closing }: StoreOpening,
): Promise<WrapStore> {
  const connectionString = secret(connection) ?? "";
  const { query } = closing.use(await openPostgres({ connectionString, logger }));
  return createPostgresWrapStore({
    query,
    name,
    region,
    statements,
    ...(encoding === undefined ? {} : { encoding }),
    ...(keyArn === undefined ? {} : { keyArn }),
    ...(context === undefined ? {} : { context }),
  });
}

/** The owner's database may have to serve others while it is scanned. */
function withSegments(store: WrapStore, most: number): WrapStore {
  return { ...store, segments: (wanted) => store.segments(Math.min(wanted, most)) };
}

/** The same failure, with the store that it is about. */
function named(store: string, error: unknown): unknown {
  if (!(error instanceof StoreError)) return error;
  const { code, message, retryable, context, cause } = error;
  return new StoreError(code, `the wrap store ${store}: ${message}`, {
    retryable,
    context: { ...context, store },
    cause,
  });
}
