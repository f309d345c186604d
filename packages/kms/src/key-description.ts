import type { DescribeKeyCommandOutput, MultiRegionConfiguration, OriginType } from "@aws-sdk/client-kms";
import { malformedAnswer } from "./malformed-answer.ts";

/** What DescribeKey tells of a key. Optional is what KMS tells of some keys only, and other endpoints perhaps of none. */
export interface KeyDescription {
  readonly arn: string;
  readonly enabled: boolean;
  /** KMS's key state: `Enabled`, `Disabled`, `PendingDeletion` and so on. */
  readonly state: string;
  /** KMS's key usage; DEKs need `ENCRYPT_DECRYPT`. */
  readonly usage: string;
  /** KMS's key spec; DEKs need `SYMMETRIC_DEFAULT`. */
  readonly spec: string;
  readonly multiRegion: boolean;
  /** Whether the replicas are made of this key, or this is one of them. */
  readonly multiRegionKind?: "PRIMARY" | "REPLICA";
  /** Of a multi-Region key: where its primary is. */
  readonly primaryRegion?: string;
  /** Of a multi-Region key: where its replicas are, this key's own Region included if it is one; sorted. */
  readonly replicaRegions?: readonly string[];
  /** Id of the current key material. */
  readonly material?: string;
  /** Where the key's material comes from; that of `EXTERNAL` was imported, may expire, and can be lost. */
  readonly origin?: OriginType;
  /** When imported material expires, ISO 8601. Absent: never. */
  readonly validTo?: string;
  /** When the key will be deleted, ISO 8601. Absent also while a primary key waits for its replicas' deletion. */
  readonly deletionAt?: string;
  /** The custom key store that it lives in, which has a quota of its own. */
  readonly keyStore?: string;
}

export function readDescription({ KeyMetadata }: DescribeKeyCommandOutput): KeyDescription {
  if (!KeyMetadata?.Arn) throw malformedAnswer();
  const { Arn, Enabled, KeyState, KeyUsage, KeySpec, MultiRegion, MultiRegionConfiguration: related } = KeyMetadata;
  const { CurrentKeyMaterialId, CustomKeyStoreId, Origin, ValidTo, DeletionDate } = KeyMetadata;
  return {
    arn: Arn,
    enabled: Enabled ?? KeyState === "Enabled",
    state: KeyState ?? "Unknown",
    usage: KeyUsage ?? "Unknown",
    spec: KeySpec ?? "Unknown",
    multiRegion: MultiRegion ?? false,
    ...(related ? readRelated(related) : {}),
    ...(CurrentKeyMaterialId ? { material: CurrentKeyMaterialId } : {}),
    ...(Origin ? { origin: Origin } : {}),
    ...(ValidTo ? { validTo: ValidTo.toISOString() } : {}),
    ...(DeletionDate ? { deletionAt: DeletionDate.toISOString() } : {}),
    ...(CustomKeyStoreId ? { keyStore: CustomKeyStoreId } : {}),
  };
}

function readRelated({
  MultiRegionKeyType,
  PrimaryKey,
  ReplicaKeys,
}: MultiRegionConfiguration): Pick<KeyDescription, "multiRegionKind" | "primaryRegion" | "replicaRegions"> {
  const replicas = ReplicaKeys?.flatMap(({ Region }) => Region ?? []);
  return {
    ...(MultiRegionKeyType ? { multiRegionKind: MultiRegionKeyType } : {}),
    ...(PrimaryKey?.Region ? { primaryRegion: PrimaryKey.Region } : {}),
    ...(replicas ? { replicaRegions: replicas.toSorted() } : {}),
  };
}
