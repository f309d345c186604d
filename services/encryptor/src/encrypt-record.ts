/**
 * One encrypt job: a DEK, the envelope, the stored record.
 *
 * A job that meets trouble which passes by itself (KMS throttling or away,
 * DynamoDB away, a disabled key) waits here, with its message held, so that an
 * outage does not use up the queue's receives. Only a job that can never
 * succeed is rejected.
 */

import type { EncryptDeks } from "@dekhand/deks";
import { readHeader, seal } from "@dekhand/envelope";
import { DekhandError, describeError } from "@dekhand/errors";
import { checkAgainstProfile, type Delivery, type EncryptJob, type Handler, type Outcome } from "@dekhand/jobs";
import { KmsError } from "@dekhand/kms";
import { fullJitterDelay, type Logger, type Profile, sleep } from "@dekhand/runtime";
import type { PutOutcome, RecordWrite } from "@dekhand/store";

export interface EncryptRecordDeps {
  readonly profiles: Readonly<Record<string, Profile>>;
  readonly deks: Pick<EncryptDeks, "acquire">;
  /** Stores one record in a Region; batched with others behind this function. */
  readonly put: (region: string, record: RecordWrite) => Promise<PutOutcome>;
  readonly logger: Logger;
  /** How many jobs of one profile may wait at once for a key that is disabled or denied. */
  readonly maxWaitingForKey: number;
  /** How long a job waits for trouble to pass before its message is handed back, in milliseconds. */
  readonly holdMs: number;
}

/** The profile's epoch until a failover raises it. */
const firstEpoch = 1;
const backoff = { baseMs: 100, capMs: 10_000 };
/** Deliveries after which a job that fails for a reason of our own (a fault in the code) is rejected. */
const maxInternalFailures = 5;

export function createEncryptHandler(deps: EncryptRecordDeps): Handler {
  const waitingForKey = new Map<string, number>();

  return async (delivery) => {
    const { job } = delivery;
    const refusal = checkAgainstProfile(job, deps.profiles);
    const profile = deps.profiles[job.profile];
    if (refusal || !profile) return refusal ? { kind: "reject", ...refusal } : internalFailure(delivery);
    try {
      const record = await insist(deps, delivery, waitingForKey, () => sealRecord(deps, profile, delivery));
      const outcome = await insist(deps, delivery, waitingForKey, () => store(deps, profile.home, record));
      return toOutcome(outcome);
    } catch (error) {
      return failure(deps, delivery, error);
    } finally {
      job.payload.fill(0);
    }
  };
}

async function sealRecord(deps: EncryptRecordDeps, profile: Profile, { job, signal }: Delivery): Promise<RecordWrite> {
  using lease = await deps.deks.acquire({ profile, context: job.context, bytes: job.payload.length }, { signal });
  const envelope = seal(lease.dek, job.payload, { ...binding(job), epoch: firstEpoch });
  return {
    ...binding(job),
    jobId: job.id,
    dekId: lease.dek.id,
    epoch: firstEpoch,
    sealId: readHeader(envelope).sealId,
    envelope,
    size: job.payload.length,
  };
}

function binding(job: EncryptJob) {
  const { recordId, context, contentType, revision } = job;
  return { recordId, context, contentType, ...(revision === undefined ? {} : { revision }) };
}

/** Throws what may pass, so that it is tried again; returns what is settled. */
async function store(deps: EncryptRecordDeps, region: string, record: RecordWrite) {
  const outcome = await deps.put(region, record);
  if (outcome.kind === "failed") throw outcome.error;
  return outcome;
}

function toOutcome(outcome: Exclude<PutOutcome, { kind: "failed" }>): Outcome {
  switch (outcome.kind) {
    case "stored":
    case "replaced":
    case "duplicate":
    case "superseded":
      return { kind: "done", note: outcome.kind };
    case "rejected":
      return { kind: "reject", code: outcome.code, message: rejections[outcome.code] };
  }
}

const rejections: Readonly<Record<Extract<PutOutcome, { kind: "rejected" }>["code"], string>> = {
  STORE_RECORD_EXISTS: "the record exists, and the job has no revision to replace it with",
  STORE_REVISION_CONFLICT: "another job has stored the record with the same revision",
  STORE_VALUE_INVALID: "a value of the record is outside the store's limits",
  STORE_ITEM_TOO_LARGE: "the record's head is larger than an item of the store",
};

/** Thrown inside `insist` when the job should be handed back rather than wait on. */
class HandBack extends Error {
  readonly afterMs: number;
  constructor(afterMs: number, cause: unknown) {
    super("handed back", { cause });
    this.afterMs = afterMs;
  }
}

async function insist<T>(
  deps: EncryptRecordDeps,
  { job, attempt, signal }: Delivery,
  waitingForKey: Map<string, number>,
  act: () => Promise<T>,
): Promise<T> {
  const giveUpAt = performance.now() + deps.holdMs;
  for (let tries = 1; ; tries += 1) {
    try {
      return await act();
    } catch (error) {
      if (signal.aborted || !(error instanceof DekhandError) || !error.retryable) throw error;
      if (performance.now() >= giveUpAt) throw new HandBack(handBackMs(attempt), error);
      if (tries === 1)
        deps.logger.warn({ err: error, jobId: job.id, profile: job.profile }, "the job waits for trouble to pass");
      if (!concernsKey(error)) {
        await sleep(fullJitterDelay(tries, backoff), { signal });
        continue;
      }
      const waiting = waitingForKey.get(job.profile) ?? 0;
      if (waiting >= deps.maxWaitingForKey) throw new HandBack(handBackMs(attempt), error);
      waitingForKey.set(job.profile, waiting + 1);
      try {
        await sleep(fullJitterDelay(tries, backoff), { signal });
      } finally {
        waitingForKey.set(job.profile, (waitingForKey.get(job.profile) ?? 1) - 1);
      }
    }
  }
}

/** One profile's unusable key must not take every slot from the other profiles. */
function concernsKey(error: DekhandError): boolean {
  return error instanceof KmsError && (error.failureClass === "key-unusable" || error.failureClass === "denied");
}

/** Doubles with every delivery, so that a queue's allowed receives last for days. */
function handBackMs(attempt: number): number {
  return Math.min(15 * 60_000 * 2 ** (attempt - 1), 6 * 3_600_000);
}

function failure(deps: EncryptRecordDeps, delivery: Delivery, error: unknown): Outcome {
  const { job, signal } = delivery;
  if (signal.aborted) return { kind: "retry", afterMs: 0, reason: "stopped" };
  if (error instanceof HandBack)
    return { kind: "retry", afterMs: error.afterMs, reason: describeError(error.cause).code };
  if (error instanceof DekhandError) return { kind: "reject", code: error.code, message: error.message };
  deps.logger.error({ err: error, jobId: job.id }, "unexpected failure of an encrypt job");
  return internalFailure(delivery);
}

function internalFailure({ attempt }: Delivery): Outcome {
  if (attempt >= maxInternalFailures) {
    return { kind: "reject", code: "ENCRYPTOR_INTERNAL", message: "the job failed unexpectedly again and again" };
  }
  return { kind: "retry", afterMs: 30_000, reason: "ENCRYPTOR_INTERNAL" };
}
