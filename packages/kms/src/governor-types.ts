/** What a governor is made of, takes and gives. */
import type { KMSClient } from "@aws-sdk/client-kms";
import type { Clock, Logger, Metrics } from "@dekhand/runtime";
import type { BreakerSnapshot } from "./breaker.ts";
import type { CallOptions, KmsContext } from "./call-options.ts";
import type { KmsFailureClass, KmsOperation } from "./errors.ts";
import type { KeyAdministration } from "./key-administration.ts";
import type { KeySigning } from "./key-signing.ts";
import type { KmsPriority } from "./kms-call.ts";
import type { KmsQuota } from "./quota/kms-quota.ts";

export interface KmsGovernorOptions {
  readonly region: string;
  /** From @dekhand/aws: one attempt a call, and Plaintext decoded from bytes. */
  readonly client: KMSClient;
  /** The process's part of the deployment's share; one object for the governors of all Regions. */
  readonly quota: Pick<KmsQuota, "meter">;
  readonly metrics: Metrics;
  readonly logger: Logger;
  readonly clock?: Clock;
  /** Uniform in [0, 1), for jitter. Default Math.random. */
  readonly random?: () => number;
  /** Default: base 50 ms, cap 2,000 ms, attempts bounded by the deadline only. */
  readonly backoff?: { readonly baseMs?: number; readonly capMs?: number; readonly maxAttempts?: number };
}

/** Every call throws KmsError and nothing else. */
export interface KmsGovernor extends CryptographicCalls, KeyAdministration, KeySigning {
  readonly region: string;
  meters(): KmsMeters;
  status(): KmsStatus;
}

export interface CryptographicCalls {
  /** A new 256-bit data key. `plaintext` is the caller's to wipe. */
  generateDataKey(
    request: { readonly keyArn: string; readonly context: KmsContext },
    options?: CallOptions,
  ): Promise<GeneratedDataKey>;
  /** `plaintext` is the caller's to wipe. */
  decrypt(
    request: { readonly keyArn: string; readonly blob: Uint8Array; readonly context: KmsContext },
    options?: CallOptions,
  ): Promise<DecryptedBlob>;
  /** Up to 4,096 bytes; `plaintext` stays the caller's. */
  encrypt(
    request: { readonly keyArn: string; readonly plaintext: Uint8Array; readonly context: KmsContext },
    options?: CallOptions,
  ): Promise<EncryptedBlob>;
  /** Moves a blob to another key, context or newer material of the same key; the plaintext never leaves KMS. */
  reEncrypt(
    request: {
      readonly sourceKeyArn: string;
      readonly blob: Uint8Array;
      readonly sourceContext: KmsContext;
      readonly targetKeyArn: string;
      readonly targetContext: KmsContext;
    },
    options?: CallOptions,
  ): Promise<ReEncryptedBlob>;
  /**
   * Whether `reEncrypt` would succeed, by KMS's dry run: nothing is re-encrypted. Without a `blob`, only keys and
   * permissions are asked about. Throws what `reEncrypt` would throw. It costs and counts as a ReEncrypt.
   */
  probeReEncrypt(
    request: {
      readonly sourceKeyArn: string;
      readonly blob?: Uint8Array;
      readonly sourceContext: KmsContext;
      readonly targetKeyArn: string;
      readonly targetContext: KmsContext;
    },
    options?: CallOptions,
  ): Promise<void>;
}

export interface GeneratedDataKey {
  readonly plaintext: Buffer;
  readonly blob: Uint8Array;
  /** The key that KMS really used. */
  readonly keyArn: string;
  /** Key material id, where the endpoint tells it. */
  readonly material?: string;
}

export interface DecryptedBlob {
  readonly plaintext: Buffer;
  readonly material?: string;
}

export interface EncryptedBlob {
  readonly blob: Uint8Array;
  /** The key that KMS says it used, where the endpoint tells it. Compare it with the one that was asked for. */
  readonly keyArn?: string;
}

export interface ReEncryptedBlob {
  readonly blob: Uint8Array;
  /** The keys that KMS says it used, where the endpoint tells them. Compare them with those that were asked for. */
  readonly sourceKeyArn?: string;
  readonly keyArn?: string;
  /** Key material ids, where the endpoint tells them. */
  readonly sourceMaterial?: string;
  readonly material?: string;
}

/** Counts since the governor was made. */
export interface KmsMeters {
  /** HTTP attempts. */
  readonly calls: Readonly<Record<KmsOperation, number>>;
  readonly retries: number;
  readonly throttles: number;
  /** Calls that shared the request of an equal one. */
  readonly coalesced: number;
  /** Failed attempts by class. */
  readonly failures: Readonly<Record<KmsFailureClass, number>>;
  /** Attempts at KMS's list price, without the free tier. */
  readonly dollars: number;
}

/** Why calls of this Region wait or fail, at this moment. */
export interface KmsStatus {
  readonly breaker: BreakerSnapshot;
  /** Tokens of 500 by priority: at none, failed calls are not retried. */
  readonly retryBudget: Readonly<Record<KmsPriority, number>>;
}
