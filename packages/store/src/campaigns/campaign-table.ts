import { type DynamoDBClient, GetItemCommand, QueryCommand } from "@aws-sdk/client-dynamodb";
import { batchGet } from "../dynamodb/batch-get.ts";
import type { CallOptions } from "../dynamodb/call-options.ts";
import { request } from "../dynamodb/request.ts";
import { StoreError } from "../errors.ts";
import { text } from "../items/write-values.ts";
import type {
  Attributes,
  ConditionalWriter,
  DeleteWrite,
  InsertWrite,
  UpdateWrite,
} from "../writer/conditional-write.ts";
import { type CampaignItem, itemKey } from "./campaign-keys.ts";

type Untabled<T> = Omit<T, "table">;
export type CampaignWrite = Untabled<InsertWrite> | Untabled<UpdateWrite> | Untabled<DeleteWrite>;

export interface ItemPageOptions extends CallOptions {
  /** Only items whose sort key begins so. */
  readonly prefix?: string;
  /** The sort key to go on after. */
  readonly after?: string | undefined;
  readonly limit?: number | undefined;
  readonly descending?: boolean;
}

export interface ItemPage {
  readonly items: readonly CampaignItem[];
  /** Where the next page starts. */
  readonly last?: string;
}

/** Reads and writes of the `campaigns` table; every read is strongly consistent, every write conditional. */
export interface CampaignTable {
  get(partition: string, item: string, options: CallOptions): Promise<CampaignItem | undefined>;
  /** In no order; those that are not there are left out. */
  getAll(keys: readonly Attributes[], options: CallOptions): Promise<readonly CampaignItem[]>;
  page(partition: string, options: ItemPageOptions): Promise<ItemPage>;
  /** All pages, one after the other. */
  all(partition: string, prefix: string, options: CallOptions): AsyncIterable<CampaignItem>;
  /**
   * Whether the write took effect: false is a conflict, which a write whose answer was lost and that was sent again also
   * has with itself. Throws StoreError, or the signal's reason.
   */
  write(write: CampaignWrite, options: CallOptions): Promise<boolean>;
  /** Each by itself; throws when any of them failed with more than a conflict. */
  writeAll(writes: readonly CampaignWrite[], options: CallOptions): Promise<readonly boolean[]>;
}

export function createCampaignTable(client: DynamoDBClient, writer: ConditionalWriter, name: string): CampaignTable {
  const table: CampaignTable = {
    async get(partition, item, options) {
      const command = new GetItemCommand({ TableName: name, Key: itemKey(partition, item), ConsistentRead: true });
      return (await request("GetItem", options, (http) => client.send(command, http))).Item;
    },
    getAll: (keys, options) => batchGet(client, name, [...keys], options),
    async page(partition, { prefix, after, limit, descending, signal }) {
      const command = new QueryCommand({
        TableName: name,
        ConsistentRead: true,
        ScanIndexForward: !descending,
        KeyConditionExpression: `campaignId = :id${prefix === undefined ? "" : " AND begins_with(#item, :prefix)"}`,
        ExpressionAttributeValues: {
          ":id": text(partition),
          ...(prefix === undefined ? {} : { ":prefix": text(prefix) }),
        },
        ...(prefix === undefined ? {} : { ExpressionAttributeNames: { "#item": "item" } }),
        ...(limit === undefined ? {} : { Limit: limit }),
        ...(after === undefined ? {} : { ExclusiveStartKey: itemKey(partition, after) }),
      });
      const { Items = [], LastEvaluatedKey } = await request("Query", { signal }, (http) => client.send(command, http));
      const last = LastEvaluatedKey?.item?.S;
      return { items: Items, ...(last === undefined ? {} : { last }) };
    },
    async *all(partition, prefix, options) {
      let after: string | undefined;
      do {
        const page = await table.page(partition, { ...options, prefix, after });
        yield* page.items;
        after = page.last;
      } while (after !== undefined);
    },
    async write(write, options) {
      const [done = false] = await table.writeAll([write], options);
      return done;
    },
    async writeAll(writes, options) {
      options.signal?.throwIfAborted();
      const results = await writer.write(
        writes.map((write) => ({ ...write, table: name })),
        options,
      );
      return results.map((result) => {
        if (result.kind !== "failed") return result.kind === "done";
        options.signal?.throwIfAborted();
        throw result.error;
      });
    },
  };
  return table;
}

/** How often a change is decided anew when somebody else's comes between reading and writing. */
const maxTries = 10;

/** Runs `attempt` until it gives something: each time it has read anew. Throws STORE_CONTENDED. */
export async function untilWritten<T>(attempt: () => Promise<T | undefined>): Promise<T> {
  for (let tries = 0; tries < maxTries; tries += 1) {
    const result = await attempt();
    if (result !== undefined) return result;
  }
  throw contended();
}

export function contended(): StoreError {
  return new StoreError("STORE_CONTENDED", "an item of the campaign kept changing", { retryable: true });
}

export function notFound(campaignId: string, item = "campaign"): StoreError {
  return new StoreError("STORE_CAMPAIGN_NOT_FOUND", "there is no such campaign, or no such item of it", {
    context: { campaignId, item },
  });
}
