import { randomUUID } from "node:crypto";
import type { AwsService } from "../service.ts";
import type { KmsStore } from "./kms-store.ts";
import type { KmsOperation } from "./operation.ts";
import { createAlias, deleteAlias, listAliases, updateAlias } from "./operations/aliases.ts";
import {
  decrypt,
  encrypt,
  generateDataKey,
  generateDataKeyWithoutPlaintext,
  reEncrypt,
} from "./operations/cryptography.ts";
import {
  cancelKeyDeletion,
  createKey,
  describeKey,
  disableKey,
  enableKey,
  getKeyLastUsage,
  listKeys,
  scheduleKeyDeletion,
} from "./operations/keys.ts";
import { generateMac, verifyMac } from "./operations/macs.ts";
import { replicateKey, updatePrimaryRegion } from "./operations/multi-region.ts";
import {
  disableKeyRotation,
  enableKeyRotation,
  getKeyRotationStatus,
  listKeyRotations,
  rotateKeyOnDemand,
} from "./operations/rotation.ts";
import { getPublicKey, sign, verify } from "./operations/signing.ts";

const operations = new Map<string, KmsOperation>(
  Object.entries({
    CancelKeyDeletion: cancelKeyDeletion,
    CreateAlias: createAlias,
    CreateKey: createKey,
    Decrypt: decrypt,
    DeleteAlias: deleteAlias,
    DescribeKey: describeKey,
    DisableKey: disableKey,
    DisableKeyRotation: disableKeyRotation,
    EnableKey: enableKey,
    EnableKeyRotation: enableKeyRotation,
    Encrypt: encrypt,
    GenerateDataKey: generateDataKey,
    GenerateDataKeyWithoutPlaintext: generateDataKeyWithoutPlaintext,
    GenerateMac: generateMac,
    GetKeyLastUsage: getKeyLastUsage,
    GetKeyRotationStatus: getKeyRotationStatus,
    GetPublicKey: getPublicKey,
    ListAliases: listAliases,
    ListKeyRotations: listKeyRotations,
    ListKeys: listKeys,
    ReEncrypt: reEncrypt,
    ReplicateKey: replicateKey,
    RotateKeyOnDemand: rotateKeyOnDemand,
    ScheduleKeyDeletion: scheduleKeyDeletion,
    Sign: sign,
    UpdateAlias: updateAlias,
    UpdatePrimaryRegion: updatePrimaryRegion,
    Verify: verify,
    VerifyMac: verifyMac,
  }),
);

export const KMS_OPERATIONS: readonly string[] = [...operations.keys()];

/** What spends the shared request quota of the cryptographic operations on symmetric and HMAC keys. */
export const KMS_CRYPTO_OPERATIONS: ReadonlySet<string> = new Set([
  "Decrypt",
  "Encrypt",
  "GenerateDataKey",
  "GenerateDataKeyWithoutPlaintext",
  "GenerateMac",
  "ReEncrypt",
  "VerifyMac",
]);

/** KMS of one Region, over the store that all Regions share. */
export function createKmsService({ store, region }: { store: KmsStore; region: string }): AwsService {
  return {
    targetPrefix: "TrentService",
    operations: KMS_OPERATIONS,
    async handle(name, input, { requestId = randomUUID() }) {
      const operation = operations.get(name);
      if (!operation) throw new Error("an operation that KMS does not list was dispatched to it");
      return operation({ store, region, requestId }, input);
    },
    close() {
      // Nothing runs here on its own.
    },
  };
}
