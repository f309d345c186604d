/** A worker in a process of its own that takes jobs and never finishes one. */

import { createLogger } from "@dekhand/runtime";
import { createBullConsumer } from "../bullmq/bull-consumer.ts";
import { encryptJobs } from "../contracts/encrypt-jobs.ts";
import { replicateJobs } from "../contracts/parse-replicate-job.ts";
import { rewrapJobs } from "../contracts/parse-rewrap-job.ts";
import type { JobConsumer } from "../delivery.ts";
import type { JobKind } from "../job-kind.ts";
import { createSqsConsumer } from "../sqs/sqs-consumer.ts";
import { createTransitKeyring } from "../transit/transit-keyring.ts";
import { sqsClient } from "./sqs-queue.ts";

const { queueKind, jobKind, endpoint, queueUrl, privateKey, ...settings } = JSON.parse(process.argv[2] ?? "{}");
const logger = createLogger({ service: "stuck", level: "silent" });
const transit = createTransitKeyring({ load: async () => Buffer.from(privateKey, "base64") });
const kinds: readonly JobKind<{ readonly id: string }>[] = [encryptJobs({ transit }), rewrapJobs, replicateJobs];
const jobs = kinds.find(({ name }) => name === jobKind) ?? rewrapJobs;

const consumer: JobConsumer<{ readonly id: string }> =
  queueKind === "sqs"
    ? createSqsConsumer({ jobs, client: sqsClient(endpoint), queueUrl, logger, visibilitySeconds: 2 })
    : createBullConsumer({
        ...settings,
        jobs,
        logger,
        lockMs: 1_000,
        stalledIntervalMs: 300,
        quarantine: () => Promise.resolve(),
      });

await consumer.start(({ job }) => {
  process.stdout.write(`took ${job.id}\n`);
  return new Promise(() => undefined);
});
process.stdout.write("ready\n");
