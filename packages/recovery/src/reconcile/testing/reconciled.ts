/** A deployment that is reconciled, and the hands of somebody with write access to its tables and nothing else. */

import { type AttributeValue, DeleteItemCommand, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { createBridgeKeys, createProfileHomes } from "@dekhand/deks";
import { createLogger, createMetrics } from "@dekhand/runtime";
import { createConditionalWriter, createDekhandWrapStore } from "@dekhand/store";
import { home, type RecoveryDeployment, type RecoveryRegions } from "../../testing/recovery-regions.ts";
import { reconcileRegion } from "../reconcile-region.ts";
import type { ReconcileDeps, ReconcileOptions, ReconcileOutcome } from "../reconcile-types.ts";

export type Item = Record<string, AttributeValue>;

export interface Reconciled extends Disposable {
  readonly deps: ReconcileDeps;
  /** One pass, to its end, at no bounded pace. */
  reconcile(region: string, options?: ReconcileOptions): Promise<Extract<ReconcileOutcome, { kind: "finished" }>>;
  /** An item of the table of DEKs or of records, by the id of what it is of and its name there. */
  item(table: "deks" | "records", region: string, id: string, name: string): Promise<Item>;
  /** Puts other attributes into the place of an item's, or none: then it is deleted. */
  change(
    table: "deks" | "records",
    place: { readonly region: string; readonly id: string; readonly name: string },
    changes: Item | undefined,
  ): Promise<void>;
  /** Puts an item. */
  put(table: "deks" | "records", region: string, item: Item): Promise<void>;
}

export const unpaced = { pagesPerSecond: 10_000 };

export function reconciled(
  regions: RecoveryRegions,
  deployment: RecoveryDeployment,
  changes: Partial<ReconcileDeps> = {},
): Reconciled {
  const { profile, keys, stores, tables } = deployment;
  const logger = createLogger({ service: "test", level: "silent" });
  const metrics = createMetrics({ service: "test" });
  const profiles = { [profile.name]: profile };
  const homes = createProfileHomes({ profiles, state: stores(home).state, logger });
  const deps: ReconcileDeps = {
    profiles,
    homes,
    regionOf: (region) => {
      const client = regions.dynamodb(region);
      const writer = createConditionalWriter({ client, logger });
      const wraps = createDekhandWrapStore({ client, writer, tables, region });
      return { region, stores: stores(region), kms: regions.kms(region), wraps };
    },
    keys,
    bridges: createBridgeKeys({ kms: regions.kms }),
    mode: "regional",
    logger,
    metrics,
    ...changes,
  };

  const keyOf = (table: "deks" | "records", id: string, name: string) => ({
    [table === "deks" ? "dekId" : "recordId"]: { S: id },
    item: { S: name },
  });
  const hands: Reconciled = {
    deps,
    async reconcile(region, options = {}) {
      const outcome = await reconcileRegion({ home, region }, deps, { ...unpaced, ...options });
      if (outcome.kind !== "finished") throw new Error(`the pass is ${outcome.kind}`);
      return outcome;
    },
    async item(table, region, id, name) {
      const Key = keyOf(table, id, name);
      const command = new GetItemCommand({ TableName: tables[table], Key, ConsistentRead: true });
      const { Item } = await regions.dynamodb(region).send(command);
      if (!Item) throw new Error(`there is no ${name}`);
      return Item;
    },
    async change(table, { region, id, name }, attributes) {
      const client = regions.dynamodb(region);
      const TableName = tables[table];
      if (!attributes) {
        await client.send(new DeleteItemCommand({ TableName, Key: keyOf(table, id, name) }));
        return;
      }
      await hands.put(table, region, { ...(await hands.item(table, region, id, name)), ...attributes });
    },
    async put(table, region, Item) {
      await regions.dynamodb(region).send(new PutItemCommand({ TableName: tables[table], Item }));
    },
    [Symbol.dispose]: () => homes.close(),
  };
  return hands;
}

/** The same bytes with one bit turned. */
export function flipped(value: AttributeValue | undefined): AttributeValue {
  const bytes = Buffer.from(value?.B ?? []);
  const middle = Math.floor(bytes.length / 2);
  bytes[middle] = (bytes[middle] ?? 0) ^ 1;
  return { B: bytes };
}
