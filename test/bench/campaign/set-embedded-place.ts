/** The embedded KMS and DynamoDB, each in its own process, and DEKs made by that KMS in Dekhand's tables. */

import { randomUUID } from "node:crypto";
import { createAwsClients } from "@dekhand/aws";
import { createTables, tableNames } from "@dekhand/store";
import { startChild } from "../quota/child-process.ts";
import { type BareClient, createBareClient } from "./bare-client.ts";
import { deksTable, type Place, prefixes } from "./place.ts";
import { credentials, region } from "./settings.ts";
import type { Sizes } from "./sizes.ts";
import { itemsOfDek, kmsContextOf, type WireItem } from "./wire-items.ts";

export async function setEmbeddedPlace(stack: AsyncDisposableStack, sizes: Sizes): Promise<Place> {
  const [kms, dynamodb] = await Promise.all([startEmbedded(stack), startEmbedded(stack)]);
  await makeTables(dynamodb);
  using kmsClient = createBareClient(kms);
  using dynamodbClient = createBareClient(dynamodb);
  const keyArns = [await createKey(kmsClient), await createKey(kmsClient), await createKey(kmsClient)] as const;
  const clients = { kms: kmsClient, dynamodb: dynamodbClient };
  await fill(clients, { table: deksTable(prefixes.warmUp), keyArn: keyArns[0], wraps: sizes.warmUpWraps });
  await fill(clients, { table: deksTable(prefixes.bench), keyArn: keyArns[0], wraps: sizes.wraps });
  return { name: "embedded", kms, dynamodb, keyArns };
}

async function startEmbedded(stack: AsyncDisposableStack): Promise<string> {
  const child = stack.use(await startChild(import.meta.resolve("./embedded-process.ts")));
  return await child.ask<string>("start");
}

async function makeTables(dynamodb: string): Promise<void> {
  const clients = createAwsClients({ regions: [region], endpoints: { [region]: { dynamodb } }, credentials });
  try {
    const client = clients.region(region).dynamodb;
    for (const prefix of Object.values(prefixes)) await createTables(client, tableNames(prefix), { pollMs: 10 });
  } finally {
    clients.destroy();
  }
}

async function createKey(kms: BareClient): Promise<string> {
  const { KeyMetadata } = await kms.call<{ KeyMetadata: { Arn: string } }>("TrentService.CreateKey", {});
  return KeyMetadata.Arn;
}

interface Filling {
  readonly table: string;
  readonly keyArn: string;
  readonly wraps: number;
}

async function fill(
  { kms, dynamodb }: { readonly kms: BareClient; readonly dynamodb: BareClient },
  { table, keyArn, wraps }: Filling,
): Promise<void> {
  const numbers = Array.from({ length: Math.ceil(wraps / deksPerCall) }, (_, at) => at * deksPerCall).values();
  const lane = async () => {
    for (const from of numbers) {
      const count = Math.min(deksPerCall, wraps - from);
      const born = await Promise.all(Array.from({ length: count }, (_, at) => bear(kms, keyArn, from + at)));
      const puts = born.flat().map((Item) => ({ PutRequest: { Item } }));
      const input = { RequestItems: { [table]: puts } };
      const answer = await dynamodb.call<Written>("DynamoDB_20120810.BatchWriteItem", input);
      if (Object.keys(answer.UnprocessedItems ?? {}).length > 0)
        throw new Error("the embedded DynamoDB left items out");
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}

interface Written {
  readonly UnprocessedItems?: object;
}

/** 25 items in a BatchWriteItem, two a DEK. */
const deksPerCall = 12;
const lanes = 8;

async function bear(kms: BareClient, keyArn: string, at: number): Promise<readonly WireItem[]> {
  const dekId = randomUUID();
  const context = kmsContextOf(dekId, at);
  const answer = await kms.call<{ CiphertextBlob: string; KeyMaterialId: string }>(
    "TrentService.GenerateDataKeyWithoutPlaintext",
    { KeyId: keyArn, KeySpec: "AES_256", EncryptionContext: context },
  );
  return itemsOfDek(dekId, { keyArn, blob: answer.CiphertextBlob, material: answer.KeyMaterialId, context });
}
