/** The thread of fill-stores.ts: every wrap is made by a plain KMS Encrypt. Posts the digests of the blobs, by number. */

import { parentPort, workerData } from "node:worker_threads";
import { type AttributeValue, BatchWriteItemCommand } from "@aws-sdk/client-dynamodb";
import { EncryptCommand } from "@aws-sdk/client-kms";
import { createAwsClients } from "@dekhand/aws";
import { createLogger } from "@dekhand/runtime";
import { openPostgres } from "@dekhand/store";
import { DIGEST_BYTES, sha256 } from "../sha256.ts";
import { sideBySide } from "../side-by-side.ts";
import type { StoreToFill } from "./fill-stores.ts";
import { documents, keyOf, orders } from "./owners.ts";

const { region, endpoints, credentials, keyArn, count, postgresUrl }: StoreToFill = workerData;

const clients = createAwsClients({ regions: [region], endpoints, credentials });
const { kms, dynamodb } = clients.region(region);
const digests = Buffer.alloc(count * DIGEST_BYTES);
if (postgresUrl === undefined) await fillOrders();
else await fillDocuments(postgresUrl);
clients.destroy();
parentPort?.postMessage(digests);

async function fillOrders(): Promise<void> {
  await eachChunk(25, async (numbers) => {
    const puts = await Promise.all(
      numbers.map(async (number) => {
        const orderId = orders.idOf(number);
        const blob = await encrypt(number, keyOf("order", orderId), orders.context(orderId));
        const wrappedKey = Buffer.from(blob).toString("base64");
        const Item: Record<string, AttributeValue> = {
          ...{ orderId: { S: orderId }, wrappedKey: { S: wrappedKey }, kmsKey: { S: keyArn } },
        };
        return { PutRequest: { Item } };
      }),
    );
    await dynamodb.send(new BatchWriteItemCommand({ RequestItems: { [orders.table]: puts } }));
  });
}

async function fillDocuments(connectionString: string): Promise<void> {
  const logger = createLogger({ service: "test", level: "silent" });
  await using postgres = await openPostgres({ connectionString, logger });
  await eachChunk(200, async (numbers) => {
    const ids = numbers.map((number) => documents.idOf(number));
    const blobs: Uint8Array[] = [];
    await sideBySide(
      numbers.entries(),
      async ([index, number]) => {
        const id = documents.idOf(number);
        blobs[index] = await encrypt(number, keyOf("document", id), documents.context(id));
      },
      { lanes: 8 },
    );
    const rows = [ids, ids.map(documents.tenantOf), blobs.map((blob) => Buffer.from(blob))];
    await postgres.query(
      `INSERT INTO document_keys (id, tenant, wrapped)
       SELECT * FROM unnest($1::bigint[], $2::text[], $3::bytea[])`,
      rows,
    );
  });
}

async function encrypt(number: number, key: Buffer, context: Readonly<Record<string, string>>): Promise<Uint8Array> {
  const { CiphertextBlob } = await kms.send(
    new EncryptCommand({ KeyId: keyArn, Plaintext: key, EncryptionContext: { ...context } }),
  );
  if (!CiphertextBlob) throw new Error("KMS answers with a blob");
  digests.set(sha256(CiphertextBlob), number * DIGEST_BYTES);
  return CiphertextBlob;
}

async function eachChunk(size: number, work: (numbers: readonly number[]) => Promise<void>): Promise<void> {
  const chunks = Array.from({ length: Math.ceil(count / size) }, (_, chunk) =>
    Array.from({ length: Math.min(size, count - chunk * size) }, (_, index) => chunk * size + index),
  );
  await sideBySide(chunks, work, { lanes: 4 });
}
