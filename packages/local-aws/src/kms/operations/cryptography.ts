/** The operations on ciphertext. They share one request quota, dry runs included. */
import { randomBytes } from "node:crypto";
import { AwsFault, type JsonObject } from "../../service.ts";
import { openBlob, type ParsedBlob, parseBlob, sealBlob } from "../ciphertext.ts";
import { readEncryptionContext } from "../encryption-context.ts";
import {
  readBytes,
  readChoice,
  readFlag,
  readInteger,
  readList,
  readText,
  requireBytes,
  requireText,
  validation,
} from "../input.ts";
import { currentMaterial, type KeyMaterial, type RegionalKey } from "../key-model.ts";
import type { KmsCall, KmsOperation } from "../operation.ts";
import { answerDryRun, dryRunPassed, requireUsable, usableKey, used } from "../use-key.ts";
import { unsupported } from "./keys.ts";

const MAX_PLAINTEXT_BYTES = 4096;
const MAX_CIPHERTEXT_BYTES = 6144;
const ALGORITHM = "SYMMETRIC_DEFAULT";
const USE = "ENCRYPT_DECRYPT";

export const encrypt: KmsOperation = (call, input) => {
  const key = usableKey(call, requireText(input, "KeyId"), USE);
  const plaintext = requireBytes(input, "Plaintext", MAX_PLAINTEXT_BYTES);
  const context = readEncryptionContext(input, "EncryptionContext");
  requireAlgorithm(input, "EncryptionAlgorithm");
  answerDryRun(input);
  const blob = sealBlob(key.family, currentMaterial(key.family), plaintext, context);
  used(call, key, "Encrypt");
  // No key material id: Encrypt is the one operation that does not tell.
  return { CiphertextBlob: blob.toString("base64"), KeyId: key.arn, EncryptionAlgorithm: ALGORITHM };
};

export const decrypt: KmsOperation = (call, input) => {
  requireAlgorithm(input, "EncryptionAlgorithm");
  if (input.Recipient !== undefined) throw unsupported("This emulator has no attestation.");
  const opened = openSource(call, input, { keyMember: "KeyId", contextMember: "EncryptionContext" });
  answerDryRun(input);
  used(call, opened.key, "Decrypt");
  return {
    KeyId: opened.key.arn,
    Plaintext: opened.plaintext.toString("base64"),
    EncryptionAlgorithm: ALGORITHM,
    KeyMaterialId: opened.material.id,
  };
};

export const reEncrypt: KmsOperation = (call, input) => {
  requireAlgorithm(input, "SourceEncryptionAlgorithm");
  requireAlgorithm(input, "DestinationEncryptionAlgorithm");
  const destination = usableKey(call, requireText(input, "DestinationKeyId"), USE);
  const context = readEncryptionContext(input, "DestinationEncryptionContext");
  const source = openSource(call, input, { keyMember: "SourceKeyId", contextMember: "SourceEncryptionContext" });
  answerDryRun(input);
  const material = currentMaterial(destination.family);
  const blob = sealBlob(destination.family, material, source.plaintext, context);
  source.plaintext.fill(0);
  used(call, source.key, "ReEncrypt");
  used(call, destination, "ReEncrypt");
  return {
    CiphertextBlob: blob.toString("base64"),
    SourceKeyId: source.key.arn,
    KeyId: destination.arn,
    SourceEncryptionAlgorithm: ALGORITHM,
    DestinationEncryptionAlgorithm: ALGORITHM,
    SourceKeyMaterialId: source.material.id,
    DestinationKeyMaterialId: material.id,
  };
};

export const generateDataKey: KmsOperation = (call, input) => {
  if (input.Recipient !== undefined) throw unsupported("This emulator has no attestation.");
  const { plaintext, answer } = newDataKey(call, input, "GenerateDataKey");
  return { ...answer, Plaintext: plaintext.toString("base64") };
};

export const generateDataKeyWithoutPlaintext: KmsOperation = (call, input) =>
  newDataKey(call, input, "GenerateDataKeyWithoutPlaintext").answer;

function newDataKey(call: KmsCall, input: JsonObject, operation: string): { plaintext: Buffer; answer: JsonObject } {
  const key = usableKey(call, requireText(input, "KeyId"), USE);
  const spec = readChoice(input, "KeySpec", ["AES_256", "AES_128"]);
  const size = readInteger(input, "NumberOfBytes", 1, 1024);
  if ((spec === undefined) === (size === undefined)) {
    throw validation("Please specify either number of bytes or key spec.");
  }
  const context = readEncryptionContext(input, "EncryptionContext");
  answerDryRun(input);
  const plaintext = randomBytes(size ?? (spec === "AES_128" ? 16 : 32));
  const material = currentMaterial(key.family);
  const blob = sealBlob(key.family, material, plaintext, context);
  used(call, key, operation);
  return {
    plaintext,
    answer: { CiphertextBlob: blob.toString("base64"), KeyId: key.arn, KeyMaterialId: material.id },
  };
}

interface Opened {
  readonly key: RegionalKey;
  readonly material: KeyMaterial;
  readonly plaintext: Buffer;
}

/** Opens the ciphertext of Decrypt and ReEncrypt, or ends a dry run that asked to leave the ciphertext alone. */
function openSource(
  call: KmsCall,
  input: JsonObject,
  { keyMember, contextMember }: { keyMember: string; contextMember: string },
): Opened {
  const name = readText(input, keyMember);
  const context = readEncryptionContext(input, contextMember);
  const named = name === undefined ? undefined : usableKey(call, name, USE);
  if (ignoresCiphertext(input)) {
    if (!named) throw validation(`${keyMember} is required with IGNORE_CIPHERTEXT.`);
    readBytes(input, "CiphertextBlob", MAX_CIPHERTEXT_BYTES);
    throw dryRunPassed();
  }
  const parsed = parseBlob(requireBytes(input, "CiphertextBlob", MAX_CIPHERTEXT_BYTES));
  if (!parsed) throw invalidCiphertext();
  if (named && named.family.keyId !== parsed.keyId) {
    throw new AwsFault(
      "IncorrectKeyException",
      "The key ID in the request does not identify a key that can perform this operation.",
    );
  }
  const key = named ?? keyOf(call, parsed);
  const material = key.family.materials.find(({ id }) => id === parsed.materialId);
  const plaintext = material && openBlob(parsed, material, context);
  if (!material || !plaintext) throw invalidCiphertext();
  return { key, material, plaintext };
}

function keyOf({ store, region }: KmsCall, parsed: ParsedBlob): RegionalKey {
  const key = store.key(region, parsed.keyId);
  if (!key) {
    throw new AwsFault(
      "AccessDeniedException",
      "The ciphertext refers to a key that does not exist, does not exist in this Region, or that you may not use.",
    );
  }
  return requireUsable(key, USE, store.now());
}

function requireAlgorithm(input: JsonObject, member: string): void {
  const algorithm = readChoice(input, member, [ALGORITHM, "RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256", "SM2PKE"]);
  if (algorithm !== undefined && algorithm !== ALGORITHM) {
    throw new AwsFault("InvalidKeyUsageException", `${member} is not compatible with the key's KeySpec.`);
  }
}

function ignoresCiphertext(input: JsonObject): boolean {
  const modifiers = readList(input, "DryRunModifiers");
  if (modifiers.length === 0) return false;
  if (modifiers.some((modifier) => modifier !== "IGNORE_CIPHERTEXT")) throw validation("DryRunModifiers is not valid.");
  if (!readFlag(input, "DryRun")) throw validation("DryRunModifiers applies to a dry run only.");
  return true;
}

function invalidCiphertext(): AwsFault {
  return new AwsFault("InvalidCiphertextException", "");
}
