/** What is asked of KMS about a key as a whole, and what is done to it: by an operator's wish, never by a worker's own. */
import type { KeyMaterialState, RotationType } from "@aws-sdk/client-kms";
import type { CallOptions } from "./call-options.ts";
import type { KeyDescription } from "./key-description.ts";

/** Every call throws KmsError and nothing else. */
export interface KeyAdministration {
  describeKey(keyIdOrAlias: string, options?: CallOptions): Promise<KeyDescription>;
  /**
   * All material of a symmetric key, the first one included, in KMS's order. The deadline is each page's. `poison` for a
   * key whose material is not rotated (asymmetric, HMAC).
   */
  listKeyRotations(keyArn: string, options?: CallOptions): Promise<readonly KeyRotation[]>;
  /**
   * The last successful cryptographic operation that KMS knows of, up to an hour late; never a proof that a key is not
   * needed. Undefined where the endpoint does not know the operation.
   */
  keyLastUsage(keyArn: string, options?: CallOptions): Promise<KeyLastUsage | undefined>;
  /** The same again is a success without effect. */
  disableKey(keyArn: string, options?: CallOptions): Promise<void>;
  /**
   * Deletes the key `days` days from now, 7 to 30; until then it cannot be used, and the deletion can be cancelled.
   * `key-unusable` where it is scheduled already, also by a try of the same call whose answer was lost: `describeKey`
   * tells the date.
   */
  scheduleKeyDeletion(
    keyArn: string,
    request: { readonly days: number } & CallOptions,
  ): Promise<{
    /** ISO 8601. Absent while a multi-Region primary waits for its replicas to be deleted. */
    readonly deletionAt?: string;
  }>;
}

/** One material of a key. */
export interface KeyRotation {
  /** Its id, where the endpoint tells it. */
  readonly material?: string;
  /** When it became the current one, ISO 8601. Absent on a key's first material, and on one that waits for its rotation. */
  readonly rotatedAt?: string;
  /** What made it so. */
  readonly kind?: RotationType;
  /** `CURRENT` or not, or imported and waiting, where the endpoint tells it. */
  readonly state?: KeyMaterialState;
  /** When it expires, ISO 8601. Absent: never. */
  readonly validTo?: string;
}

export interface KeyLastUsage {
  /** ISO 8601. Absent: not used since `trackedSince`. */
  readonly usedAt?: string;
  /** KMS's name of the operation. */
  readonly operation?: string;
  /** Before this, KMS has kept no account of the key's use; ISO 8601. */
  readonly trackedSince?: string;
}
