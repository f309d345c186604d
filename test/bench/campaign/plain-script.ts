/**
 * The script that most people write: page by page, a pool over each page, and for each wrap ReEncrypt and UpdateItem, by
 * clients that are the SDK's defaults throughout.
 *
 * It is spared what would make it safe: it does not look whether a wrap has changed since it was read, and it keeps no
 * account of how far it came.
 */

import {
  type AttributeValue,
  DynamoDBClient,
  ScanCommand,
  type ScanCommandOutput,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { KMSClient, ReEncryptCommand } from "@aws-sdk/client-kms";
import type { Rewrapper } from "./rewrapper.ts";
import { credentials, pageItems, region, scriptPool, type WorkerSettings } from "./settings.ts";

export function createPlainScript(settings: WorkerSettings): Rewrapper {
  const kms = new KMSClient({ region, endpoint: settings.kms, credentials });
  const dynamodb = new DynamoDBClient({ region, endpoint: settings.dynamodb, credentials });

  async function rewrapOne(table: string, item: Record<string, AttributeValue>): Promise<void> {
    const { dekId, item: sort, blob, context } = item;
    if (!dekId || !sort || !blob?.B || !context?.M) throw new Error("the table holds something that is no wrap");
    const names = Object.entries(context.M).map(([name, value]) => [name, value.S ?? ""]);
    const encryptionContext: Record<string, string> = Object.fromEntries(names);
    const { CiphertextBlob } = await kms.send(
      new ReEncryptCommand({
        SourceKeyId: settings.sourceKeyArn,
        SourceEncryptionContext: encryptionContext,
        CiphertextBlob: blob.B,
        DestinationKeyId: settings.targetKeyArn,
        DestinationEncryptionContext: encryptionContext,
      }),
    );
    if (CiphertextBlob === undefined) throw new Error("KMS re-encrypted nothing");
    await dynamodb.send(
      new UpdateItemCommand({
        TableName: table,
        Key: { dekId, item: sort },
        UpdateExpression: "SET #blob = :blob, keyArn = :keyArn",
        ExpressionAttributeNames: { "#blob": "blob" },
        ExpressionAttributeValues: { ":blob": { B: CiphertextBlob }, ":keyArn": { S: settings.targetKeyArn } },
      }),
    );
  }

  return {
    async rewrap({ prefix, segments, of }, onRewrapped) {
      const table = `${prefix}-deks`;
      for (const segment of segments) {
        let from: Record<string, AttributeValue> | undefined;
        do {
          const page: ScanCommandOutput = await dynamodb.send(
            new ScanCommand({
              TableName: table,
              Segment: segment,
              TotalSegments: of,
              Limit: pageItems,
              FilterExpression: "#item = :item",
              ExpressionAttributeNames: { "#item": "item" },
              ExpressionAttributeValues: { ":item": { S: `wrap#${region}` } },
              ExclusiveStartKey: from,
            }),
          );
          const wraps = (page.Items ?? []).values();
          const lane = async () => {
            for (const wrap of wraps) {
              await rewrapOne(table, wrap);
              onRewrapped(1);
            }
          };
          await Promise.all(Array.from({ length: scriptPool }, lane));
          from = page.LastEvaluatedKey;
        } while (from !== undefined);
      }
    },
    async close() {
      kms.destroy();
      dynamodb.destroy();
    },
  };
}
