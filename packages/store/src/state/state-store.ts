/**
 * What is small and must survive: transit keys, quarantine, heartbeats, profiles'
 * homes, debt to replica Regions and what drills and the reconciler found, what
 * became of keys that were left, retired or rotated, and what operators did. Each
 * kind is a handful of items in the `state` table.
 */

import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { StoreError } from "../errors.ts";
import type { TableNames } from "../tables/table-definitions.ts";
import { createAudit } from "./audit.ts";
import { createDebt } from "./debt.ts";
import { createDrills } from "./drills.ts";
import { createHomes } from "./homes.ts";
import { createLeftKeys } from "./left-keys.ts";
import { listQuarantine } from "./list-quarantine.ts";
import { createLosers } from "./losers.ts";
import { createRetirements } from "./retirements.ts";
import { createRotations } from "./rotations.ts";
import { createScans } from "./scans.ts";
import {
  heartbeatItem,
  heartbeatKind,
  quarantineItem,
  quarantineKind,
  quarantineShard,
  readHeartbeat,
  readQuarantine,
  readTransitKey,
  transitItem,
  transitKind,
} from "./state-items.ts";
import { createStateTable } from "./state-table.ts";
import type { StateStore } from "./state-types.ts";

export interface StateStoreDeps {
  readonly client: DynamoDBClient;
  readonly tables: Pick<TableNames, "state">;
  /** For the time since when a home is one, a key was returned to, or debt was counted. Default: the machine's clock. */
  readonly now?: () => Date;
}

export function createStateStore({ client, tables, now = () => new Date() }: StateStoreDeps): StateStore {
  const table = createStateTable(client, tables.state);
  const store: StateStore = {
    ...createLeftKeys(table, now),
    ...createRetirements(table),
    ...createRotations(table),
    ...createHomes(table, now),
    ...createDebt(table, now),
    ...createDrills(table),
    ...createScans(table),
    ...createLosers(table),
    ...createAudit(table),

    async getTransitKey(id, options = {}) {
      const item = await table.get(transitKind, id, options);
      return item && readTransitKey(item);
    },
    async putTransitKey(key, options = {}) {
      if (await table.insert(transitItem(key), options)) return;
      // A write whose answer was lost is sent again by the SDK and then meets itself.
      const stored = await store.getTransitKey(key.id, options);
      if (stored && Buffer.compare(stored.publicKey, key.publicKey) === 0) return;
      throw new StoreError("STORE_TRANSIT_KEY_EXISTS", "another transit key of that id exists", {
        context: { keyId: key.id },
      });
    },
    async listTransitKeys(options = {}) {
      return (await table.all(transitKind, options)).map(readTransitKey);
    },

    putQuarantine: async (entry, options = {}) => table.put(quarantineItem(entry), options),
    async getQuarantine(id, options = {}) {
      const item = await table.get(quarantineKind(quarantineShard(id)), id, options);
      return item && readQuarantine(item);
    },
    listQuarantine: async (options = {}) => listQuarantine(table, options),
    deleteQuarantine: async (id, options = {}) => table.remove(quarantineKind(quarantineShard(id)), id, options),

    putHeartbeat: async (heartbeat, options = {}) => table.put(heartbeatItem(heartbeat), options),
    async listHeartbeats(options = {}) {
      return (await table.all(heartbeatKind, options)).map(readHeartbeat);
    },
    deleteHeartbeat: async (workerId, options = {}) => table.remove(heartbeatKind, workerId, options),
  };
  return store;
}
