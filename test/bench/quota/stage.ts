/** What all contestants find: the embedded KMS with keys and blobs, Redis, and what the machine can serve. */

import { randomBytes } from "node:crypto";
import { CreateKeyCommand, EncryptCommand, type KMSClient } from "@aws-sdk/client-kms";
import { startRedis } from "@dekhand/local-redis";
import { startChild } from "./child-process.ts";
import { type EmbeddedKms, startEmbeddedKms } from "./embedded-kms.ts";
import { plainClient } from "./plain-client.ts";
import { context, type SaturationSettings } from "./settings.ts";

export interface Stage {
  readonly kms: EmbeddedKms;
  readonly redisUrl: string;
  readonly sourceKeyArn: string;
  readonly targetKeyArn: string;
  /** Wrapped 256-bit keys under the source key, in base64. */
  readonly blobs: readonly string[];
  /** The foreground tenant's own. */
  readonly foreground: { readonly keyArn: string; readonly blob: string };
}

/** ReEncrypt takes as long for one blob as for another: a few hundred stand for all. */
export const blobCount = 250;
const keyBytes = 32;

/** All of it ends with the stack. */
export async function setStage(stack: AsyncDisposableStack): Promise<Stage> {
  const kms = await startEmbeddedKms(stack);
  const redis = stack.use(await startRedis());
  const client = plainClient(kms.endpoint);
  stack.defer(() => client.destroy());
  const [sourceKeyArn, targetKeyArn, foregroundKeyArn] = [
    await createKey(client),
    await createKey(client),
    await createKey(client),
  ];
  const blobs: string[] = [];
  while (blobs.length < blobCount) blobs.push(await encryptSomeKey(client, sourceKeyArn, context));
  const foreground = { keyArn: foregroundKeyArn, blob: await encryptSomeKey(client, foregroundKeyArn) };
  return { kms, redisUrl: redis.url, sourceKeyArn, targetKeyArn, blobs, foreground };
}

/** ReEncrypts a second that the embedded KMS serves without quota and latency. */
export async function measureCapacity(stage: Stage, durationMs: number): Promise<number> {
  const { kms, sourceKeyArn, targetKeyArn, blobs } = stage;
  await using caller = await startChild("./saturation-process.ts");
  const settings: SaturationSettings = {
    endpoint: kms.endpoint,
    sourceKeyArn,
    targetKeyArn,
    blob: blobs[0] ?? "",
    durationMs,
  };
  return await caller.ask<number>(settings, { timeoutMs: durationMs + 60_000 });
}

async function createKey(client: KMSClient): Promise<string> {
  const { KeyMetadata } = await client.send(new CreateKeyCommand({}));
  if (KeyMetadata?.Arn === undefined) throw new Error("the embedded KMS made no key");
  return KeyMetadata.Arn;
}

async function encryptSomeKey(
  client: KMSClient,
  keyArn: string,
  encryptionContext?: Record<string, string>,
): Promise<string> {
  const { CiphertextBlob } = await client.send(
    new EncryptCommand({
      KeyId: keyArn,
      Plaintext: randomBytes(keyBytes),
      ...(encryptionContext === undefined ? {} : { EncryptionContext: encryptionContext }),
    }),
  );
  if (CiphertextBlob === undefined) throw new Error("the embedded KMS encrypted nothing");
  return Buffer.from(CiphertextBlob).toString("base64");
}
