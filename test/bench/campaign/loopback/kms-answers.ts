/** What a campaign asks of KMS, answered without any cryptography. */

import { isUnderContext, keyOfBlob, makeBlob } from "./blobs.ts";
import { notUnderstood, Refusal } from "./refusal.ts";

const keyArnPrefix = "arn:aws:kms:us-east-1:000000000000:key/benchmark-";

/** @param key which one, 0 to 255 */
export function keyArnOf(key: number): string {
  return `${keyArnPrefix}${key}`;
}

/** The id of the one material that the key has. */
export function materialOf(key: number): string {
  return key.toString(16).padStart(64, "0");
}

export function answerKms(operation: string, input: KmsInput): object {
  switch (operation) {
    case "ReEncrypt":
      return reEncrypt(input);
    case "DescribeKey":
      return describeKey(input);
    default:
      throw notUnderstood(operation);
  }
}

export interface KmsInput {
  readonly KeyId?: string;
  readonly SourceKeyId?: string;
  readonly DestinationKeyId?: string;
  /** Base64. */
  readonly CiphertextBlob?: string;
  readonly SourceEncryptionContext?: Readonly<Record<string, string>>;
  readonly DestinationEncryptionContext?: Readonly<Record<string, string>>;
  readonly DryRun?: boolean;
}

function reEncrypt(input: KmsInput): object {
  const { SourceKeyId, DestinationKeyId, CiphertextBlob = "" } = input;
  const { SourceEncryptionContext = {}, DestinationEncryptionContext = {} } = input;
  if (input.DryRun) throw notUnderstood("dry runs");
  const [source, target] = [keyOf(SourceKeyId), keyOf(DestinationKeyId)];
  const blob = Buffer.from(CiphertextBlob, "base64");
  if (keyOfBlob(blob) === undefined || !isUnderContext(blob, SourceEncryptionContext)) {
    throw new Refusal("InvalidCiphertextException", "not a blob of that context");
  }
  if (keyOfBlob(blob) !== source) throw new Refusal("IncorrectKeyException", "the blob is under another key");
  return {
    CiphertextBlob: makeBlob(target, DestinationEncryptionContext).toString("base64"),
    SourceKeyId,
    KeyId: DestinationKeyId,
    SourceEncryptionAlgorithm: "SYMMETRIC_DEFAULT",
    DestinationEncryptionAlgorithm: "SYMMETRIC_DEFAULT",
    SourceKeyMaterialId: materialOf(source),
    DestinationKeyMaterialId: materialOf(target),
  };
}

function describeKey({ KeyId }: KmsInput): object {
  const key = keyOf(KeyId);
  return {
    KeyMetadata: {
      KeyId: KeyId?.slice(KeyId.indexOf("/") + 1),
      Arn: KeyId,
      Enabled: true,
      KeyState: "Enabled",
      KeyUsage: "ENCRYPT_DECRYPT",
      KeySpec: "SYMMETRIC_DEFAULT",
      CustomerMasterKeySpec: "SYMMETRIC_DEFAULT",
      Origin: "AWS_KMS",
      KeyManager: "CUSTOMER",
      MultiRegion: false,
      CurrentKeyMaterialId: materialOf(key),
    },
  };
}

function keyOf(arn = ""): number {
  const key = Number(arn.slice(keyArnPrefix.length));
  if (arn.startsWith(keyArnPrefix) && Number.isInteger(key) && key >= 0 && key <= 255) return key;
  throw new Refusal("NotFoundException", "there is no such key");
}
