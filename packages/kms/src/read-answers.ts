/** What is taken from KMS's answers. An answer without what it must have is an error, and what it had is wiped. */
import type {
  DecryptCommandOutput,
  EncryptCommandOutput,
  GenerateDataKeyCommandOutput,
  ReEncryptCommandOutput,
} from "@aws-sdk/client-kms";
import type { DecryptedBlob, EncryptedBlob, GeneratedDataKey, ReEncryptedBlob } from "./governor-types.ts";
import { malformedAnswer } from "./malformed-answer.ts";

const DEK_BYTES = 32;

export function readDataKey({
  Plaintext,
  CiphertextBlob,
  KeyId,
  KeyMaterialId,
}: GenerateDataKeyCommandOutput): GeneratedDataKey {
  if (Plaintext?.length !== DEK_BYTES || !CiphertextBlob?.length || !KeyId) {
    Plaintext?.fill(0);
    throw malformedAnswer();
  }
  return { plaintext: asBuffer(Plaintext), blob: CiphertextBlob, keyArn: KeyId, ...material(KeyMaterialId) };
}

export function readDecrypted({ Plaintext, KeyMaterialId }: DecryptCommandOutput): DecryptedBlob {
  if (!Plaintext?.length) throw malformedAnswer();
  return { plaintext: asBuffer(Plaintext), ...material(KeyMaterialId) };
}

export function readEncrypted({ CiphertextBlob, KeyId }: EncryptCommandOutput): EncryptedBlob {
  if (!CiphertextBlob?.length) throw malformedAnswer();
  return { blob: CiphertextBlob, ...(KeyId ? { keyArn: KeyId } : {}) };
}

export function readReEncrypted(answer: ReEncryptCommandOutput): ReEncryptedBlob {
  const { CiphertextBlob, SourceKeyId, KeyId, SourceKeyMaterialId, DestinationKeyMaterialId } = answer;
  if (!CiphertextBlob?.length) throw malformedAnswer();
  return {
    blob: CiphertextBlob,
    ...(SourceKeyId ? { sourceKeyArn: SourceKeyId } : {}),
    ...(KeyId ? { keyArn: KeyId } : {}),
    ...(SourceKeyMaterialId ? { sourceMaterial: SourceKeyMaterialId } : {}),
    ...material(DestinationKeyMaterialId),
  };
}

/** Whether KMS names the keys that it was asked for, where it names any. */
export function isAnswerFor(
  { keyArn, sourceKeyArn }: Pick<ReEncryptedBlob, "keyArn" | "sourceKeyArn">,
  asked: { readonly sourceKeyArn: string; readonly targetKeyArn: string },
): boolean {
  const isTarget = keyArn === undefined || keyArn === asked.targetKeyArn;
  return isTarget && (sourceKeyArn === undefined || sourceKeyArn === asked.sourceKeyArn);
}

function material(id: string | undefined): { material?: string } {
  return id === undefined || id === "" ? {} : { material: id };
}

/** The same memory: a copy would have to be wiped too. */
function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
