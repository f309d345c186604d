import type { JsonObject } from "../service.ts";
import { currentMaterial, isPrimary, KEY_SPECS, keyStateOf, type RegionalKey } from "./key-model.ts";

/** KMS writes times as seconds with a fraction. */
export function seconds(milliseconds: number): number {
  return milliseconds / 1000;
}

/** The KeyMetadata that DescribeKey, CreateKey and ReplicateKey answer. */
export function keyMetadata(key: RegionalKey, accountId: string, now: number): JsonObject {
  const { family } = key;
  const symmetric = family.spec === "SYMMETRIC_DEFAULT";
  const { usage, signing } = KEY_SPECS[family.spec];
  const state = keyStateOf(key, now);
  const deletion = key.deletion;
  return {
    AWSAccountId: accountId,
    KeyId: family.keyId,
    Arn: key.arn,
    CreationDate: seconds(key.createdAt),
    Enabled: state === "Enabled" || (state === "Updating" && key.enabled),
    Description: key.description,
    KeyUsage: usage,
    KeyState: state,
    DeletionDate: deletion?.at === undefined ? undefined : seconds(deletion.at),
    PendingDeletionWindowInDays: deletion && deletion.at === undefined ? deletion.windowDays : undefined,
    Origin: "AWS_KMS",
    KeyManager: "CUSTOMER",
    KeySpec: family.spec,
    CustomerMasterKeySpec: family.spec,
    EncryptionAlgorithms: symmetric ? ["SYMMETRIC_DEFAULT"] : undefined,
    MacAlgorithms: family.spec === "HMAC_256" ? ["HMAC_SHA_256"] : undefined,
    SigningAlgorithms: signing.length > 0 ? [...signing] : undefined,
    CurrentKeyMaterialId: symmetric ? currentMaterial(family).id : undefined,
    MultiRegion: family.multiRegion,
    MultiRegionConfiguration: family.multiRegion ? multiRegionConfiguration(key) : undefined,
  };
}

function multiRegionConfiguration(key: RegionalKey): JsonObject {
  const related = [...key.family.members.values()];
  const reference = ({ arn, region }: RegionalKey): JsonObject => ({ Arn: arn, Region: region });
  const primary = related.find(isPrimary);
  return {
    MultiRegionKeyType: isPrimary(key) ? "PRIMARY" : "REPLICA",
    PrimaryKey: primary && reference(primary),
    ReplicaKeys: related.filter((other) => !isPrimary(other)).map(reference),
  };
}
