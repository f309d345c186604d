/**
 * Every KMS call of a Region goes through its governor.
 *
 * A call passes layers (kms-call.ts): coalescing, retries, and for each HTTP
 * attempt its turn in the deployment's share, the breaker, the meters and the
 * request itself. A failure is classified once (classify-failure.ts), and
 * everything that follows from it reads the class.
 */
import {
  DecryptCommand,
  DescribeKeyCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  ReEncryptCommand,
} from "@aws-sdk/client-kms";
import { deadlineIn, rateLimited, systemClock } from "@dekhand/runtime";
import { abandoned, attemptOnce } from "./attempt-once.ts";
import { createBreaker } from "./breaker.ts";
import { createCallMeters } from "./call-meters.ts";
import { coalesce, createFlights, decryptFlightKey } from "./coalesce.ts";
import type { CallOptions, DecryptedBlob, KmsGovernor, KmsGovernorOptions } from "./governor-types.ts";
import { byPriority, type KmsCall } from "./kms-call.ts";
import { admitCalls } from "./quota/admit-calls.ts";
import { createQuotaClasses } from "./quota/quota-classes.ts";
import { readDataKey, readDecrypted, readDescription, readEncrypted, readReEncrypted } from "./read-answers.ts";
import { retryAttempts } from "./retry-attempts.ts";
import { createRetryBudget } from "./retry-budget.ts";

const DEFAULT_DEADLINE_MS = 10_000;

export function createKmsGovernor(options: KmsGovernorOptions): KmsGovernor {
  const { region, client, quota, metrics, logger, clock = systemClock, random = Math.random } = options;
  const { baseMs = 50, capMs = 2_000, maxAttempts = Number.POSITIVE_INFINITY } = options.backoff ?? {};
  const warnings = rateLimited(logger, { clock });
  const budgets = byPriority(createRetryBudget);
  const classes = createQuotaClasses();
  const meters = createCallMeters({ region, metrics, clock, budgets });
  const breaker = createBreaker({
    clock,
    random,
    onChange(state) {
      meters.breakerChanged(state);
      logger.warn({ region, state }, "the circuit breaker of KMS in this Region has changed");
    },
  });
  const retries = retryAttempts({
    baseMs,
    capMs,
    maxAttempts,
    random,
    clock,
    budgets,
    onWait: (ms) => meters.waited("backoff", ms),
    onRetry(error) {
      meters.countRetry(error.operation);
      const { context } = error;
      warnings.log("warn", `${error.operation} ${error.failureClass}`, context, "KMS call failed, trying again");
    },
  });
  const admit = admitCalls({
    meter: (quotaClass) => quota.meter(region, quotaClass),
    quotaClassesOf: classes.of,
    clock,
    onWait(priority, ms, meter) {
      meters.waited("share", ms);
      if (ms < SLOW_ADMISSION_MS) return;
      const fields = { region, priority, waitedMs: Math.round(ms), ...meter.status() };
      warnings.log("info", `share ${priority}`, fields, "KMS calls wait for their turn in the share");
    },
  });
  const attempt = breaker.layer(meters.layer(attemptOnce));
  const pipe = coalesce(retries(meters.refusals(breaker.gate(admit(attempt)))));
  const decrypts = createFlights<DecryptedBlob>({ copy: copyDecrypted, onJoin: meters.countCoalesced });

  type Part<T> = Pick<KmsCall<T>, "operation" | "keyId" | "send" | "wipe" | "flight">;
  async function run<T>(part: Part<T>, callOptions: CallOptions): Promise<T> {
    const { signal: cancel, deadlineMs = DEFAULT_DEADLINE_MS, priority = "interactive" } = callOptions;
    using deadline = deadlineIn(deadlineMs, cancel);
    const { signal } = deadline;
    const call = { ...part, region, priority, cancel, signal, deadlineAt: clock.monotonic() + deadlineMs, attempt: 1 };
    if (signal.aborted || deadlineMs <= 0) throw abandoned(call, 0);
    return await pipe(call);
  }

  return {
    region,
    generateDataKey({ keyArn, context }, callOptions = {}) {
      const input = { KeyId: keyArn, KeySpec: "AES_256", EncryptionContext: { ...context } } as const;
      const send = async (abortSignal: AbortSignal) =>
        readDataKey(await client.send(new GenerateDataKeyCommand(input), { abortSignal }));
      return run({ operation: "GenerateDataKey", keyId: keyArn, send, wipe: wipePlaintext }, callOptions);
    },
    decrypt({ keyArn, blob, context }, callOptions = {}) {
      const input = { KeyId: keyArn, CiphertextBlob: blob, EncryptionContext: { ...context } };
      const send = async (abortSignal: AbortSignal) =>
        readDecrypted(await client.send(new DecryptCommand(input), { abortSignal }));
      const { priority = "interactive" } = callOptions;
      const flight = { key: decryptFlightKey({ keyArn, blob, context, priority }), among: decrypts };
      return run({ operation: "Decrypt", keyId: keyArn, send, wipe: wipePlaintext, flight }, callOptions);
    },
    encrypt({ keyArn, plaintext, context }, callOptions = {}) {
      const input = { KeyId: keyArn, Plaintext: plaintext, EncryptionContext: { ...context } };
      const send = async (abortSignal: AbortSignal) =>
        readEncrypted(await client.send(new EncryptCommand(input), { abortSignal }));
      return run({ operation: "Encrypt", keyId: keyArn, send, wipe: nothingSecret }, callOptions);
    },
    reEncrypt({ sourceKeyArn, blob, sourceContext, targetKeyArn, targetContext }, callOptions = {}) {
      const input = {
        SourceKeyId: sourceKeyArn,
        CiphertextBlob: blob,
        SourceEncryptionContext: { ...sourceContext },
        DestinationKeyId: targetKeyArn,
        DestinationEncryptionContext: { ...targetContext },
      };
      const send = async (abortSignal: AbortSignal) =>
        readReEncrypted(await client.send(new ReEncryptCommand(input), { abortSignal }));
      return run({ operation: "ReEncrypt", keyId: targetKeyArn, send, wipe: nothingSecret }, callOptions);
    },
    async describeKey(keyIdOrAlias, callOptions = {}) {
      const input = { KeyId: keyIdOrAlias };
      const send = async (abortSignal: AbortSignal) =>
        readDescription(await client.send(new DescribeKeyCommand(input), { abortSignal }));
      const part = { operation: "DescribeKey", keyId: keyIdOrAlias, send, wipe: nothingSecret } as const;
      const description = await run(part, callOptions);
      classes.learn(description);
      return description;
    },
    meters: () => meters.snapshot(),
    status: () => ({ breaker: breaker.snapshot(), retryBudget: byPriority((priority) => budgets[priority].left()) }),
  };
}

/** From here on, a wait for the share is worth a line in the log. */
const SLOW_ADMISSION_MS = 1_000;

function copyDecrypted({ plaintext, ...rest }: DecryptedBlob): DecryptedBlob {
  // Of its own memory: Buffer.from would take a piece of Node's shared pool.
  const own = Buffer.alloc(plaintext.length);
  plaintext.copy(own);
  return { ...rest, plaintext: own };
}

function wipePlaintext({ plaintext }: { readonly plaintext: Buffer }): void {
  plaintext.fill(0);
}

function nothingSecret(): void {}
