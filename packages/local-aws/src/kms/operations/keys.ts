/** The life of a key: created, described, switched off and on, scheduled for deletion. */
import { AwsFault } from "../../service.ts";
import { readFlag, readInteger, readPolicy, readTags, readText, requireText } from "../input.ts";
import { keyMetadata, seconds } from "../key-metadata.ts";
import { isPrimary, KEY_SPECS, type KeySpec, keyStateOf, type RegionalKey } from "../key-model.ts";
import { makeSecret } from "../key-secret.ts";
import { invalidState, requireState } from "../key-state.ts";
import { DAY_MS } from "../kms-store.ts";
import type { KmsCall, KmsOperation } from "../operation.ts";
import { paginate } from "../paginate.ts";
import { managed, resolveKey } from "../resolve-key.ts";
import { isKeySpec } from "../stored-keys.ts";

export const createKey: KmsOperation = async ({ store, region }, input) => {
  const spec = readText(input, "KeySpec") ?? readText(input, "CustomerMasterKeySpec") ?? "SYMMETRIC_DEFAULT";
  const usage = readText(input, "KeyUsage") ?? "ENCRYPT_DECRYPT";
  const origin = readText(input, "Origin") ?? "AWS_KMS";
  if (!isKeySpec(spec)) throw unsupported("This emulator has no keys of that KeySpec.");
  if (KEY_SPECS[spec].usage !== usage) {
    if (otherUses[spec] === usage) throw unsupported("This emulator has keys of that KeySpec for signing only.");
    throw new AwsFault("ValidationException", "The KeyUsage is not compatible with the KeySpec.");
  }
  if (origin !== "AWS_KMS" || readText(input, "CustomKeyStoreId") !== undefined) {
    throw unsupported("This emulator has no imported key material and no custom key stores.");
  }
  const key = store.create({
    region,
    spec,
    secret: await makeSecret(spec),
    multiRegion: readFlag(input, "MultiRegion"),
    description: readText(input, "Description", { min: 0, max: 8192 }) ?? "",
    policy: readPolicy(input),
    tags: readTags(input),
  });
  await store.changed();
  return { KeyMetadata: keyMetadata(key, store.accountId, store.now()) };
};

/** What KMS has keys of a spec for, and this has not. */
const otherUses: Readonly<Partial<Record<KeySpec, string>>> = {
  RSA_2048: "ENCRYPT_DECRYPT",
  ECC_NIST_P256: "KEY_AGREEMENT",
};

export const describeKey: KmsOperation = ({ store, region }, input) => {
  const key = resolveKey(store, region, requireText(input, "KeyId"), { malformedArn: "InvalidArnException" });
  return { KeyMetadata: keyMetadata(key, store.accountId, store.now()) };
};

export const listKeys: KmsOperation = ({ store, region }, input) => {
  const page = paginate(store.keysIn(region), (key) => key.family.keyId, input, { fallback: 100, max: 1000 });
  return { Keys: page.items.map((key) => ({ KeyId: key.family.keyId, KeyArn: key.arn })), ...page.end };
};

export const enableKey: KmsOperation = (call, input) => setEnabled(call, requireText(input, "KeyId"), true);

export const disableKey: KmsOperation = (call, input) => setEnabled(call, requireText(input, "KeyId"), false);

export const scheduleKeyDeletion: KmsOperation = async ({ store, region }, input) => {
  const key = resolveKey(store, region, requireText(input, "KeyId"), managed);
  const windowDays = readInteger(input, "PendingWindowInDays", 7, 30) ?? 30;
  const now = store.now();
  requireState(key, "delete", now);
  const waitsForReplicas = isPrimary(key) && key.family.members.size > 1;
  key.deletion = waitsForReplicas ? { windowDays } : { windowDays, at: now + windowDays * DAY_MS };
  await store.changed();
  return {
    KeyId: key.arn,
    DeletionDate: key.deletion.at === undefined ? undefined : seconds(key.deletion.at),
    KeyState: keyStateOf(key, now),
    PendingWindowInDays: windowDays,
  };
};

export const cancelKeyDeletion: KmsOperation = async ({ store, region }, input) => {
  const key = resolveKey(store, region, requireText(input, "KeyId"), managed);
  if (!key.deletion) throw invalidState(key, "not pending deletion");
  key.deletion = undefined;
  // KMS leaves it to the owner to enable the key again.
  key.enabled = false;
  await store.changed();
  return { KeyId: key.arn };
};

export const getKeyLastUsage: KmsOperation = ({ store, region }, input) => {
  const key = resolveKey(store, region, requireText(input, "KeyId"), managed);
  const usage = key.lastUsage;
  return {
    KeyId: key.family.keyId,
    KeyLastUsage: usage
      ? {
          Operation: usage.operation,
          Timestamp: seconds(usage.at),
          CloudTrailEventId: usage.eventId,
          KmsRequestId: usage.requestId,
        }
      : {},
    TrackingStartDate: seconds(key.createdAt),
    KeyCreationDate: seconds(key.createdAt),
  };
};

async function setEnabled({ store, region }: KmsCall, name: string, enabled: boolean): Promise<Record<string, never>> {
  const key: RegionalKey = resolveKey(store, region, name, managed);
  requireState(key, "enable", store.now());
  key.enabled = enabled;
  await store.changed();
  return {};
}

export function unsupported(message: string): AwsFault {
  return new AwsFault("UnsupportedOperationException", message);
}
