/**
 * One encrypt job: a DEK, the envelope, the stored record, all in the Region that is
 * the profile's home by now. Where a failover moves the home before the record is
 * stored, it is sealed again for the new one, and the old one is not waited for.
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
import { createHomeFollower, type HomeFollower } from "./follow-home.ts";
import type { RecordToStore } from "./store-batch.ts";

export interface EncryptRecordDeps {
  readonly profiles: Readonly<Record<string, Profile>>;
  readonly deks: Pick<EncryptDeks, "acquire">;
  readonly homes: Pick<ProfileHomes, "of" | "onMove">;
  /** Stores one record in a Region, with what its replica Regions are owed; batched with others behind this function. */
  readonly put: (region: string, record: RecordToStore) => Promise<PutOutcome>;
  readonly patience: Patience;
  readonly logger: Logger;
}

export function createEncryptHandler(deps: EncryptRecordDeps): Handler<EncryptJob> {
  const follower = createHomeFollower(deps.homes);
  return async (delivery) => {
    const { job, attempt, signal } = delivery;
    const waiting = { attempt, signal, profile: () => job.profile };
    try {
      const refusal = checkAgainstProfile(job, deps.profiles);
      if (refusal) return { kind: "reject", ...refusal };
      return toOutcome(await deps.patience.insist(waiting, atHome({ ...deps, follower }, delivery)));
    } catch (error) {
      return failureOutcome(error, { delivery, internalCode: "ENCRYPTOR_INTERNAL", logger: deps.logger });
    } finally {
      job.payload.fill(0);
    }
  };
}

interface Sealing extends EncryptRecordDeps {
  readonly follower: HomeFollower;
}

/** Tried again and again: it seals once, and once more for each home that the profile gets meanwhile. */
function atHome(deps: Sealing, delivery: Delivery<EncryptJob>) {
  const { job, signal } = delivery;
  let sealed: RecordWrite | undefined;
  const sealAndStore = async (home: EffectiveHome, isHome: AbortSignal) => {
    const record = sealed?.epoch === home.epoch ? sealed : await sealRecord(deps, home, { job, signal, isHome });
    sealed = record;
    return store(deps, home, record);
  };
  return () => deps.follower.atHome(job.profile, sealAndStore, { signal });
}

interface ToSeal extends Pick<Delivery<EncryptJob>, "job" | "signal"> {
  readonly isHome: AbortSignal;
}

async function sealRecord(
  deps: EncryptRecordDeps,
  { profile, epoch }: EffectiveHome,
  { job, signal, isHome }: ToSeal,
): Promise<RecordWrite> {
  using lease = await deps.deks.acquire({ profile, context: job.context, bytes: job.payload.length }, { signal });
  // Nobody waits for this one any more, and the payload may be wiped by now.
  isHome.throwIfAborted();
  signal.throwIfAborted();
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
