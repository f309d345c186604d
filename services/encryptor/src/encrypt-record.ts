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
import {
  checkAgainstProfile,
  type Delivery,
  type EncryptJob,
  failureOutcome,
  type Handler,
  type Outcome,
  type Patience,
} from "@dekhand/jobs";
import type { Logger, Profile } from "@dekhand/runtime";
import type { PutOutcome, RecordWrite } from "@dekhand/store";

export interface EncryptRecordDeps {
  readonly profiles: Readonly<Record<string, Profile>>;
  readonly deks: Pick<EncryptDeks, "acquire">;
  /** Stores one record in a Region; batched with others behind this function. */
  readonly put: (region: string, record: RecordWrite) => Promise<PutOutcome>;
  readonly patience: Patience;
  readonly logger: Logger;
}

/** The profile's epoch until a failover raises it. */
const firstEpoch = 1;

export function createEncryptHandler(deps: EncryptRecordDeps): Handler<EncryptJob> {
  return async (delivery) => {
    const { job, attempt, signal } = delivery;
    const waiting = { attempt, signal, profile: () => job.profile };
    try {
      const refusal = checkAgainstProfile(job, deps.profiles);
      const profile = deps.profiles[job.profile];
      if (refusal) return { kind: "reject", ...refusal };
      if (!profile) throw new RangeError("a job that passed the check names a profile of the configuration");
      const record = await deps.patience.insist(waiting, () => sealRecord(deps, profile, delivery));
      const outcome = await deps.patience.insist(waiting, () => store(deps, profile.home, record));
      return toOutcome(outcome);
    } catch (error) {
      return failureOutcome(error, { delivery, internalCode: "ENCRYPTOR_INTERNAL", logger: deps.logger });
    } finally {
      job.payload.fill(0);
    }
  };
}

async function sealRecord(
  deps: EncryptRecordDeps,
  profile: Profile,
  { job, signal }: Delivery<EncryptJob>,
): Promise<RecordWrite> {
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
