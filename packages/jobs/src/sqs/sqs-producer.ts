import { encodeEncryptJob } from "../contracts/encode-encrypt-job.ts";
import { encodeRewrapJob } from "../contracts/encode-rewrap-job.ts";
import type { EncryptJobInput } from "../contracts/encrypt-job.ts";
import type { ParseOptions } from "../contracts/parse-encrypt-job.ts";
import type { RewrapJobInput } from "../contracts/rewrap-job.ts";
import type { JobProducer } from "../producer.ts";
import { createSqsSender, type SqsSenderOptions } from "./send-jobs.ts";

export interface SqsProducerOptions extends SqsSenderOptions, ParseOptions {}

/** Submits encrypt jobs. Payloads travel in the clear under the queue's own encryption. */
export function createSqsProducer(options: SqsProducerOptions): JobProducer<EncryptJobInput> {
  return createSqsSender(options, (job: EncryptJobInput) => encodeEncryptJob(job, options));
}

/** Submits rewrap jobs: ids only. */
export function createSqsRewrapProducer(options: SqsSenderOptions): JobProducer<RewrapJobInput> {
  return createSqsSender(options, encodeRewrapJob);
}
