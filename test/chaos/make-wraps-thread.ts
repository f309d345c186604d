/** The thread of many-wraps.ts. Posts the ids of the DEKs, and their digests one after the other. */

import { parentPort, workerData } from "node:worker_threads";
import { type AttributeValue, BatchWriteItemCommand } from "@aws-sdk/client-dynamodb";
import { GenerateDataKeyCommand } from "@aws-sdk/client-kms";
import { createAwsClients, type RegionClients } from "@dekhand/aws";
import { kmsContext } from "@dekhand/deks";
import { createDek, newDekId } from "@dekhand/envelope";
import type { WrapsToMake } from "./many-wraps.ts";
import { sha256 } from "./sha256.ts";
import { sideBySide } from "./side-by-side.ts";

const { region, endpoints, credentials, table, profile, keyArn, count }: WrapsToMake = workerData;

/** As many as one BatchWriteItem takes, two items a DEK. */
const perCall = 12;

const clients = createAwsClients({ regions: [region], endpoints, credentials });
const ids: string[] = [];
const digests: Buffer[] = [];
const calls = Array.from({ length: Math.ceil(count / perCall) }, (_, call) => call * perCall);
await sideBySide(calls, async (first) => {
  const numbers = Array.from({ length: Math.min(perCall, count - first) }, (_, index) => first + index);
  const born = await Promise.all(numbers.map((number) => bear(clients.region(region), `tenant-${number}`)));
  const puts = born.flatMap(({ items }) => items).map((Item) => ({ PutRequest: { Item } }));
  const { dynamodb } = clients.region(region);
  const { UnprocessedItems = {} } = await dynamodb.send(new BatchWriteItemCommand({ RequestItems: { [table]: puts } }));
  if (Object.keys(UnprocessedItems).length > 0) throw new Error("the embedded DynamoDB takes every item");
  ids.push(...born.map(({ dekId }) => dekId));
  digests.push(...born.map(({ digest }) => digest));
});
clients.destroy();
parentPort?.postMessage({ ids, digests: Buffer.concat(digests) });

async function bear({ kms }: Pick<RegionClients, "kms">, tenant: string) {
  const dekId = newDekId();
  const context = kmsContext(dekId, profile, { tenant });
  const { Plaintext, CiphertextBlob, KeyMaterialId } = await kms.send(
    new GenerateDataKeyCommand({ KeyId: keyArn, KeySpec: "AES_256", EncryptionContext: { ...context } }),
  );
  if (!Plaintext || !CiphertextBlob) throw new Error("KMS answers with a key");
  const digest = sha256(Plaintext);
  using dek = createDek(dekId, Buffer.from(Plaintext));
  const at = { S: new Date().toISOString() };
  const stored = { M: Object.fromEntries(Object.entries(context).map(([key, value]) => [key, { S: value }])) };
  const items: Record<string, AttributeValue>[] = [
    {
      ...{ dekId: { S: dekId }, item: { S: "dek" }, profile: { S: profile }, suite: { N: "1" }, context: stored },
      ...{ commitment: { B: dek.commitment }, home: { S: region }, createdAt: at, status: { S: "active" } },
    },
    {
      ...{ dekId: { S: dekId }, item: { S: `wrap#${region}` }, keyArn: { S: keyArn }, blob: { B: CiphertextBlob } },
      ...{ context: stored, wrappedAt: at, ...(KeyMaterialId && { material: { S: KeyMaterialId } }) },
    },
  ];
  return { dekId, digest, items };
}
