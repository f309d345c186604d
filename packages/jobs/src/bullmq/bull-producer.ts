import { toHeader, toSealedWire } from "../contracts/encode-encrypt-job.ts";
import { toReplicateJob } from "../contracts/encode-replicate-job.ts";
import { toRewrapJob } from "../contracts/encode-rewrap-job.ts";
import type { EncryptJobInput } from "../contracts/encrypt-job.ts";
import type { ParseOptions } from "../contracts/parse-encrypt-job.ts";
import type { ReplicateJobInput } from "../contracts/replicate-job.ts";
import type { RewrapJobInput } from "../contracts/rewrap-job.ts";
import type { JobProducer } from "../producer.ts";
import { requireMatchingId, type TransitPublicKey } from "../transit/transit-key.ts";
import { sealForTransit } from "../transit/transit-seal.ts";
import { type BullAdderOptions, createBullAdder } from "./add-jobs.ts";
import { bullJobId, bullReplicateJobId, bullRewrapJobId } from "./bull-job-id.ts";

export interface BullProducerOptions extends BullAdderOptions, ParseOptions {
  readonly transit: TransitPublicKey;
}

/**
 * Submits encrypt jobs, sealed to the deployment's public transit key: there is
 * no way to hand in a plain payload. Throws JOBS_TRANSIT_KEY_INVALID.
 */
export function createBullProducer(options: BullProducerOptions): JobProducer<EncryptJobInput> {
  const { transit } = options;
  requireMatchingId(transit);
  return createBullAdder(options, async (job: EncryptJobInput) => {
    const header = toHeader(job, options);
    const data = toSealedWire(header, await sealForTransit(transit, header, job.payload));
    return { id: header.id, bullId: bullJobId(header), name: header.kind, data };
  });
}

/** Submits rewrap jobs: ids only. */
export function createBullRewrapProducer(options: BullAdderOptions): JobProducer<RewrapJobInput> {
  return createBullAdder(options, async (input: RewrapJobInput) => {
    const job = toRewrapJob(input);
    return { id: job.id, bullId: bullRewrapJobId(job), name: job.kind, data: job };
  });
}

/** Submits replicate jobs: ids only. Each replica Region has a queue of its own; hand it the jobs for that Region. */
export function createBullReplicateProducer(options: BullAdderOptions): JobProducer<ReplicateJobInput> {
  return createBullAdder(options, async (input: ReplicateJobInput) => {
    const job = toReplicateJob(input);
    return { id: job.id, bullId: bullReplicateJobId(job), name: job.kind, data: job };
  });
}
