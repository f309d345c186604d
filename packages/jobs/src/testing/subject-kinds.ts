/** The kinds of jobs that the contract suites run with. */

import { newDekId } from "@dekhand/envelope";
import type { BullAdderOptions } from "../bullmq/add-jobs.ts";
import { createBullProducer, createBullReplicateProducer, createBullRewrapProducer } from "../bullmq/bull-producer.ts";
import type { AnyJob } from "../contract/queue-subject.ts";
import { sampleJob } from "../contract/sample-jobs.ts";
import type { EncryptJob, EncryptJobInput } from "../contracts/encrypt-job.ts";
import { encryptJobs } from "../contracts/encrypt-jobs.ts";
import { replicateJobs } from "../contracts/parse-replicate-job.ts";
import { rewrapJobs } from "../contracts/parse-rewrap-job.ts";
import type { ReplicateJob, ReplicateJobInput } from "../contracts/replicate-job.ts";
import type { RewrapJob, RewrapJobInput } from "../contracts/rewrap-job.ts";
import type { JobKind } from "../job-kind.ts";
import type { JobProducer } from "../producer.ts";
import type { SqsSenderOptions } from "../sqs/send-jobs.ts";
import { createSqsProducer, createSqsRewrapProducer } from "../sqs/sqs-producer.ts";
import type { TransitPublicKey } from "../transit/transit-key.ts";
import type { TransitKeyring } from "../transit/transit-keyring.ts";

/** A kind that comes over both kinds of queue. */
export interface SubjectKind<Job extends AnyJob, Input extends AnyJob> extends BullSubjectKind<Job, Input> {
  readonly sqsProducer: (options: SqsSenderOptions) => JobProducer<Input>;
}

/** A kind that comes over BullMQ at least. */
export interface BullSubjectKind<Job extends AnyJob, Input extends AnyJob> {
  readonly jobs: (transit: TransitKeyring) => JobKind<Job>;
  readonly sample: () => Input;
  readonly bullProducer: (options: BullAdderOptions & { readonly transit: TransitPublicKey }) => JobProducer<Input>;
}

export const encryptKind: SubjectKind<EncryptJob, EncryptJobInput & { readonly id: string }> = {
  jobs: (transit) => encryptJobs({ transit }),
  sample: sampleJob,
  sqsProducer: createSqsProducer,
  bullProducer: createBullProducer,
};

let made = 0;

export const rewrapKind: SubjectKind<RewrapJob, RewrapJobInput & { readonly id: string }> = {
  jobs: () => rewrapJobs,
  sample: () => {
    made += 1;
    return { id: `rewrap-${made}`, dekId: newDekId(), region: "us-east-1" };
  },
  sqsProducer: createSqsRewrapProducer,
  bullProducer: createBullRewrapProducer,
};

export const replicateKind: BullSubjectKind<ReplicateJob, ReplicateJobInput & { readonly id: string }> = {
  jobs: () => replicateJobs,
  sample: () => {
    made += 1;
    const debtId = newDekId();
    const ids = { dekIds: [newDekId()], recordIds: [`record-${made}`] };
    return { id: `replicate-${made}`, region: "eu-west-1", debtId, ...ids };
  },
  bullProducer: createBullReplicateProducer,
};
