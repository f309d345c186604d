/** Fills the owners' stores, as their applications have over the years. */

import { CreateTableCommand } from "@aws-sdk/client-dynamodb";
import { embeddedCredentials } from "@dekhand/cli";
import type { PostgresQuery } from "@dekhand/store";
import { runThread } from "../../stack/run-thread.ts";
import { region, type Stack } from "../../stack/start-stack.ts";
import { digestsById } from "../sha256.ts";
import { documents, orders } from "./owners.ts";

export interface StoreToFill {
  readonly region: string;
  readonly endpoints: Stack["config"]["endpoints"];
  readonly credentials: typeof embeddedCredentials;
  readonly keyArn: string;
  readonly count: number;
  /** Of the documents; absent: the orders are meant. */
  readonly postgresUrl?: string;
}

export interface Filling {
  readonly keyArn: string;
  readonly count: number;
}

/** Wrap id to the SHA-256 of its blob. */
export type BlobDigests = ReadonlyMap<string, Buffer>;

export async function fillOrders(stack: Stack, filling: Filling): Promise<BlobDigests> {
  await stack.clients.region(region).dynamodb.send(
    new CreateTableCommand({
      TableName: orders.table,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: [{ AttributeName: "orderId", AttributeType: "S" }],
      KeySchema: [{ AttributeName: "orderId", KeyType: "HASH" }],
    }),
  );
  return fill(stack, filling, orders.idOf);
}

export async function fillDocuments(
  stack: Stack,
  filling: Filling,
  postgres: { readonly url: string; readonly query: PostgresQuery },
): Promise<BlobDigests> {
  for (const statement of documents.schema) await postgres.query(statement, []);
  return fill(stack, { ...filling, postgresUrl: postgres.url }, documents.idOf);
}

async function fill(
  { config }: Stack,
  filling: Filling & Pick<StoreToFill, "postgresUrl">,
  idOf: (number: number) => string,
): Promise<BlobDigests> {
  const wanted: StoreToFill = { region, endpoints: config.endpoints, credentials: embeddedCredentials, ...filling };
  const posted = await runThread(new URL("./fill-thread.ts", import.meta.url), wanted);
  if (!(posted instanceof Uint8Array)) throw new TypeError("the thread posts digests");
  return digestsById(
    Array.from({ length: filling.count }, (_, number) => idOf(number)),
    posted,
  );
}
