/**
 * Every KMS call of a Region goes through its governor.
 *
 * A call passes layers (kms-call.ts): the deadline, retries, and for each HTTP
 * attempt the meters and the request itself. A failure is classified once
 * (classify-failure.ts), and everything that follows from it reads the class.
 */
import {
  DecryptCommand,
  DescribeKeyCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  type KMSClient,
} from "@aws-sdk/client-kms";
import { type Clock, deadlineIn, type Logger, type Metrics, rateLimited, systemClock } from "@dekhand/runtime";
import { abandoned, attemptOnce } from "./attempt-once.ts";
import { createCallMeters } from "./call-meters.ts";
import type { KmsFailureClass, KmsOperation } from "./errors.ts";
import type { KmsCall } from "./kms-call.ts";
import { readDataKey, readDecrypted, readDescription, readEncrypted } from "./read-answers.ts";
import { retryAttempts } from "./retry-attempts.ts";

export interface KmsGovernorOptions {
  readonly region: string;
  /** From @dekhand/aws: one attempt a call, and Plaintext decoded from bytes. */
  readonly client: KMSClient;
  readonly metrics: Metrics;
  readonly logger: Logger;
  readonly clock?: Clock;
  /** Uniform in [0, 1), for the jitter. Default Math.random. */
  readonly random?: () => number;
  /** Default: base 50 ms, cap 2,000 ms, attempts bounded by the deadline only. */
  readonly backoff?: { readonly baseMs?: number; readonly capMs?: number; readonly maxAttempts?: number };
}

export interface CallOptions {
  /** Ends the call at once, also while it waits between attempts. */
  readonly signal?: AbortSignal | undefined;
  /** From now, over all attempts. Default 10,000 ms. */
  readonly deadlineMs?: number | undefined;
  readonly priority?: "interactive";
}

/** Goes to KMS as it is: exact, case-sensitive, visible in CloudTrail. */
export type KmsContext = Readonly<Record<string, string>>;

/** Every call throws KmsError and nothing else. */
export interface KmsGovernor {
  readonly region: string;
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
  ): Promise<{ readonly blob: Uint8Array }>;
  describeKey(keyIdOrAlias: string, options?: CallOptions): Promise<KeyDescription>;
  meters(): KmsMeters;
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
  readonly material?: string;
}

/** Counts since the governor was made. */
export interface KmsMeters {
  /** HTTP attempts. */
  readonly calls: Readonly<Record<KmsOperation, number>>;
  readonly retries: number;
  readonly throttles: number;
  /** Failed attempts by class. */
  readonly failures: Readonly<Record<KmsFailureClass, number>>;
  /** Attempts at KMS's list price, without the free tier. */
  readonly dollars: number;
}

const DEFAULT_DEADLINE_MS = 10_000;

export function createKmsGovernor(options: KmsGovernorOptions): KmsGovernor {
  const { region, client, metrics, logger, clock = systemClock, random = Math.random } = options;
  const { baseMs = 50, capMs = 2_000, maxAttempts = Number.POSITIVE_INFINITY } = options.backoff ?? {};
  const meters = createCallMeters({ region, metrics, clock });
  const warnings = rateLimited(logger, { clock });
  const retries = retryAttempts({
    baseMs,
    capMs,
    maxAttempts,
    random,
    clock,
    onRetry(error) {
      meters.countRetry(error.operation);
      const { context } = error;
      warnings.log("warn", `${error.operation} ${error.failureClass}`, context, "KMS call failed, trying again");
    },
  });
  const pipe = retries(meters.layer(attemptOnce));

  async function run<T>(part: Pick<KmsCall<T>, "operation" | "send" | "wipe">, callOptions: CallOptions): Promise<T> {
    const { signal: cancel, deadlineMs = DEFAULT_DEADLINE_MS } = callOptions;
    using deadline = deadlineIn(deadlineMs, cancel);
    const { signal } = deadline;
    const call = { ...part, region, cancel, signal, deadlineAt: clock.monotonic() + deadlineMs, attempt: 1 };
    if (signal.aborted || deadlineMs <= 0) throw abandoned(call, 0);
    return await pipe(call);
  }

  return {
    region,
    generateDataKey({ keyArn, context }, callOptions = {}) {
      const input = { KeyId: keyArn, KeySpec: "AES_256", EncryptionContext: { ...context } } as const;
      const send = async (abortSignal: AbortSignal) =>
        readDataKey(await client.send(new GenerateDataKeyCommand(input), { abortSignal }));
      return run({ operation: "GenerateDataKey", send, wipe: wipePlaintext }, callOptions);
    },
    decrypt({ keyArn, blob, context }, callOptions = {}) {
      const input = { KeyId: keyArn, CiphertextBlob: blob, EncryptionContext: { ...context } };
      const send = async (abortSignal: AbortSignal) =>
        readDecrypted(await client.send(new DecryptCommand(input), { abortSignal }));
      return run({ operation: "Decrypt", send, wipe: wipePlaintext }, callOptions);
    },
    encrypt({ keyArn, plaintext, context }, callOptions = {}) {
      const input = { KeyId: keyArn, Plaintext: plaintext, EncryptionContext: { ...context } };
      const send = async (abortSignal: AbortSignal) =>
        readEncrypted(await client.send(new EncryptCommand(input), { abortSignal }));
      return run({ operation: "Encrypt", send, wipe: nothingSecret }, callOptions);
    },
    describeKey(keyIdOrAlias, callOptions = {}) {
      const input = { KeyId: keyIdOrAlias };
      const send = async (abortSignal: AbortSignal) =>
        readDescription(await client.send(new DescribeKeyCommand(input), { abortSignal }));
      return run({ operation: "DescribeKey", send, wipe: nothingSecret }, callOptions);
    },
    meters: () => meters.snapshot(),
  };
}

function wipePlaintext({ plaintext }: { readonly plaintext: Buffer }): void {
  plaintext.fill(0);
}

function nothingSecret(): void {}
