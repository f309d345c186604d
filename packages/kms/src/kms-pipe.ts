/**
 * The way that every call of a Region takes: a call passes layers (kms-call.ts): coalescing, retries, and for each HTTP
 * attempt its turn in the deployment's share, the breaker, the meters and the request itself.
 *
 * What is asked of KMS is not known here; the files that end in `-calls.ts` do.
 */
import type { KMSClient } from "@aws-sdk/client-kms";
import { deadlineIn, rateLimited, systemClock } from "@dekhand/runtime";
import { abandoned, attemptOnce } from "./attempt-once.ts";
import { createBreaker } from "./breaker.ts";
import { createCallMeters } from "./call-meters.ts";
import type { CallOptions } from "./call-options.ts";
import { coalesce, createFlights, type Flights } from "./coalesce.ts";
import type { KmsGovernorOptions, KmsMeters, KmsStatus } from "./governor-types.ts";
import { byPriority, type KmsCall } from "./kms-call.ts";
import { admitCalls } from "./quota/admit-calls.ts";
import { createQuotaClasses, type QuotaClasses } from "./quota/quota-classes.ts";
import { retryAttempts } from "./retry-attempts.ts";
import { createRetryBudget } from "./retry-budget.ts";

export interface KmsPipe {
  readonly client: KMSClient;
  /** Rejects with KmsError and nothing else. */
  run<T>(part: CallPart<T>, options: CallOptions): Promise<T>;
  /** Flights of one kind of call, whose joint requests the meters count. */
  flights<T>(copy: (answer: T) => T): Flights<T>;
  /** Which quotas a key's calls count against. */
  readonly classes: Pick<QuotaClasses, "learn">;
  meters(): KmsMeters;
  status(): KmsStatus;
}

/** What makes one call different from another. */
export interface CallPart<T> extends Pick<KmsCall<T>, "operation" | "keyId" | "send" | "flight"> {
  /** Needed where an answer holds something secret. */
  readonly wipe?: KmsCall<T>["wipe"];
}

const DEFAULT_DEADLINE_MS = 10_000;

export function createKmsPipe(options: KmsGovernorOptions): KmsPipe {
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

  return {
    client,
    async run({ wipe = nothingSecret, ...part }, callOptions) {
      const { signal: cancel, deadlineMs = DEFAULT_DEADLINE_MS, priority = "interactive" } = callOptions;
      using deadline = deadlineIn(deadlineMs, cancel);
      const { signal } = deadline;
      const deadlineAt = clock.monotonic() + deadlineMs;
      const call = { ...part, wipe, region, priority, cancel, signal, deadlineAt, attempt: 1 };
      if (signal.aborted || deadlineMs <= 0) throw abandoned(call, 0);
      return await pipe(call);
    },
    flights: (copy) => createFlights({ copy, onJoin: meters.countCoalesced }),
    classes,
    meters: meters.snapshot,
    status: () => ({ breaker: breaker.snapshot(), retryBudget: byPriority((priority) => budgets[priority].left()) }),
  };
}

/** From here on, a wait for the share is worth a line in the log. */
const SLOW_ADMISSION_MS = 1_000;

function nothingSecret(): void {}
