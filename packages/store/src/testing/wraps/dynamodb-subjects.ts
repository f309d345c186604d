/** Two tables as others have them, which could hardly differ more. */

import {
  type AttributeValue,
  CreateTableCommand,
  DeleteItemCommand,
  DescribeTableCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from "@aws-sdk/client-dynamodb";
import { deadlineIn, sleep } from "@dekhand/runtime";
import type { ContractSubject } from "../../contract/contract-subject.ts";
import type { OwnedWrap, WrapStoreSubject } from "../../contract/wrap-subject.ts";
import { createDynamodbWrapStore } from "../../wraps/dynamodb/dynamodb-wrap-store.ts";
import { createKeyCodec, type KeyAttribute, type TableKey } from "../../wraps/dynamodb/table-key.ts";
import type { DynamodbWrapMapping } from "../../wraps/dynamodb/wrap-mapping.ts";

type Item = Record<string, AttributeValue>;

interface ForeignTable {
  readonly table: string;
  readonly mapping: DynamodbWrapMapping;
  itemOf(wrap: OwnedWrap): Item;
  contextOf(wrap: OwnedWrap): Record<string, string>;
  /** Items that are no wraps, or none that can be read; their keys are made from the name. */
  readonly others: (name: string) => readonly Item[];
  readonly broken: (name: string) => readonly Item[];
}

/** Key of text and number, bytes, a column for every label, a reserved word and a quote's neighbour among the names. */
function tenantKeys(table: string): ForeignTable {
  const key = (name: string, version = 7) => ({
    owner: { S: `owner of ${name} "quoted"` },
    version: { N: String(version) },
  });
  return {
    table,
    mapping: {
      partition: { name: "owner" },
      sort: { name: "version", type: "N" },
      blob: { attribute: "value" },
      keyArn: { attribute: "key-arn" },
      labels: { material: "material", campaign: "rewrapped_by", wrappedAt: "rewrapped_at" },
      context: { attributes: { tenant: "tenant", version: "version" }, constants: { app: "billing" } },
    },
    itemOf: ({ name, blob, keyArn, material, tenant }) => ({
      ...key(name),
      value: { B: blob },
      "key-arn": { S: keyArn },
      ...(material === undefined ? {} : { material: { S: material } }),
      tenant: { S: tenant },
      note: { M: { of: { S: "the owner" } } },
    }),
    contextOf: ({ tenant }) => ({ tenant, version: "7", app: "billing" }),
    others: (name) => [{ ...key(name, 8), tenant: { S: "no wrap" } }],
    broken: (name) => [
      { ...key(name, 9), tenant: { S: "a" }, value: { S: "canary" } },
      { ...key(name, 10), tenant: { S: "a" }, value: { B: new Uint8Array() } },
      { ...key(name, 11), tenant: { SS: ["canary"] }, value: { B: Buffer.from("wrap") } },
      { ...key(name, 12), value: { B: Buffer.from("canary") } },
      { ...key(name, 13), tenant: { S: "a" }, value: { B: Buffer.from("wrap") }, "key-arn": { N: "1" } },
    ],
  };
}

/** A key of bytes, base64, no label at all, one key ARN for all. */
function sessionKeys(table: string): ForeignTable {
  const key = (name: string) => ({ id: { B: Buffer.from(name) } });
  return {
    table,
    mapping: {
      partition: { name: "id", type: "B" },
      blob: { attribute: "wrapped", encoding: "base64" },
      keyArn: { constant: "arn:aws:kms:us-east-1:111122223333:key/of-all" },
      context: { attributes: { tenant: "tenant" } },
    },
    itemOf: ({ name, blob, tenant }) => ({
      ...key(name),
      wrapped: { S: Buffer.from(blob).toString("base64") },
      tenant: { S: tenant },
    }),
    contextOf: ({ tenant }) => ({ tenant }),
    others: (name) => [{ ...key(`${name}-other`), tenant: { S: "no wrap" } }],
    broken: (name) => [
      { ...key(`${name}-bytes`), tenant: { S: "a" }, wrapped: { B: Buffer.from("canary") } },
      { ...key(`${name}-text`), tenant: { S: "a" }, wrapped: { S: "canary!" } },
      // Base64 of other makers: the padding is missing, bits are left over.
      { ...key(`${name}-unpadded`), tenant: { S: "a" }, wrapped: { S: "Y2FuYXJ5MQ" } },
      { ...key(`${name}-bits`), tenant: { S: "a" }, wrapped: { S: "Y2FuYXJ5MR==" } },
    ],
  };
}

const kinds = { tenantKeys, sessionKeys } as const;

/** A new empty table of that kind, and a store on it. */
export async function dynamodbSubject(
  { client, writer, tables }: ContractSubject,
  kind: keyof typeof kinds,
): Promise<WrapStoreSubject> {
  const foreign = kinds[kind](`${tables.deks}-${kind}`);
  const { table, mapping } = foreign;
  await createTable(client, table, mapping);
  const codec = createKeyCodec(mapping);
  const put = (Item: Item) => client.send(new PutItemCommand({ TableName: table, Item }));
  return {
    store: createDynamodbWrapStore({ client, writer, name: kind, region: "us-east-1", table, mapping }),
    contextOf: foreign.contextOf,
    put: (wraps) =>
      Promise.all(
        wraps.map(async (wrap) => {
          const item = foreign.itemOf(wrap);
          await put(item);
          for (const other of foreign.others(wrap.name)) await put(other);
          return codec.toText(item);
        }),
      ),
    async remove(id) {
      await client.send(new DeleteItemCommand({ TableName: table, Key: codec.toKey(id) }));
    },
    async putMalformed() {
      const broken = foreign.broken("broken");
      for (const item of broken) await put(item);
      return broken.map((item) => codec.toText(item));
    },
    async restOf(id) {
      const input = { TableName: table, Key: codec.toKey(id), ConsistentRead: true };
      const { Item = {} } = await client.send(new GetItemCommand(input));
      const labels = mapping.keyArn && "attribute" in mapping.keyArn ? [mapping.keyArn.attribute] : [];
      const swapped = new Set([mapping.blob.attribute, ...labels, ...Object.values(mapping.labels ?? {})]);
      return Object.entries(Item)
        .filter(([name]) => !swapped.has(name))
        .sort(([a], [b]) => (a < b ? -1 : 1));
    },
  };
}

async function createTable(client: DynamoDBClient, table: string, { partition, sort }: TableKey): Promise<void> {
  const attributes = sort ? [partition, sort] : [partition];
  await client.send(
    new CreateTableCommand({
      TableName: table,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: attributes.map(({ name, type = "S" }: KeyAttribute) => ({
        AttributeName: name,
        AttributeType: type,
      })),
      KeySchema: attributes.map(({ name }, position) => ({
        AttributeName: name,
        KeyType: position === 0 ? ("HASH" as const) : ("RANGE" as const),
      })),
    }),
  );
  using deadline = deadlineIn(20_000);
  for (;;) {
    const { Table } = await client.send(new DescribeTableCommand({ TableName: table }));
    if (Table?.TableStatus === "ACTIVE") return;
    await sleep(10, { signal: deadline.signal });
  }
}
