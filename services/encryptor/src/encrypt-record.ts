/**
 * One encrypt job: a DEK, the envelope, the stored record, all in the Region that is
 * the profile's home by now. Where a failover moves the home before the record is
 * stored, it is sealed again for the new one.
 *
 * A job that meets trouble which passes by itself (KMS throttling or away,
 * DynamoDB away, a disabled key) waits here, with its message held, so that an
 * outage does not use up the queue's receives. Only a job that can never
 * succeed is rejected.
 */

import type { EffectiveHome, EncryptDeks, ProfileHomes } from "@dekhand/deks";
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
import type { RecordToStore } from "./store-batch.ts";

export interface EncryptRecordDeps {
  readonly profiles: Readonly<Record<string, Profile>>;
  readonly deks: Pick<EncryptDeks, "acquire">;
  readonly homes: Pick<ProfileHomes, "of">;
  /** Stores one record in a Region, with what its replica Regions are owed; batched with others behind this function. */
  readonly put: (region: string, record: RecordToStore) => Promise<PutOutcome>;
  readonly patience: Patience;
  readonly logger: Logger;
}

export function createEncryptHandler(deps: EncryptRecordDeps): Handler<EncryptJob> {
  return async (delivery) => {
    const { job, attempt, signal } = delivery;
    const waiting = { attempt, signal, profile: () => job.profile };
    try {
      const refusal = checkAgainstProfile(job, deps.profiles);
      if (refusal) return { kind: "reject", ...refusal };
      return toOutcome(await deps.patience.insist(waiting, atHome(deps, delivery)));
    } catch (error) {
      return failureOutcome(error, { delivery, internalCode: "ENCRYPTOR_INTERNAL", logger: deps.logger });
    } finally {
      job.payload.fill(0);
    }
  };
}

/** Tried again and again: it seals once, and once more for each home that the profile gets meanwhile. */
function atHome(deps: EncryptRecordDeps, delivery: Delivery<EncryptJob>) {
  let sealed: RecordWrite | undefined;
  return async () => {
    const home = await deps.homes.of(delivery.job.profile, { signal: delivery.signal });
    if (sealed?.epoch !== home.epoch) sealed = await sealRecord(deps, home, delivery);
    return store(deps, home, sealed);
  };
}

async function sealRecord(
  deps: EncryptRecordDeps,
  { profile, epoch }: EffectiveHome,
  { job, signal }: Delivery<EncryptJob>,
): Promise<RecordWrite> {
  using lease = await deps.deks.acquire({ profile, context: job.context, bytes: job.payload.length }, { signal });
  const envelope = seal(lease.dek, job.payload, { ...binding(job), epoch });
  return {
    ...binding(job),
    jobId: job.id,
    dekId: lease.dek.id,
    epoch,
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
async function store(deps: EncryptRecordDeps, { profile }: EffectiveHome, record: RecordWrite) {
  const outcome = await deps.put(profile.home, { record, replicas: Object.keys(profile.replicas) });
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
