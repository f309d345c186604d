import { randomUUID } from "node:crypto";
import { JobsError } from "../errors.ts";
import { parseReplicateJob } from "./parse-replicate-job.ts";
import type { ReplicateJob, ReplicateJobInput } from "./replicate-job.ts";

/** The job, checked. Throws JobsError with the reason code a consumer would give. */
export function toReplicateJob(input: ReplicateJobInput): ReplicateJob {
  const id = input.id ?? input.debtId ?? randomUUID();
  const parsed = parseReplicateJob({ version: 1, kind: "replicate", ...input, id });
  if (parsed.ok) return parsed.job;
  const { code, message, jobId } = parsed.rejection;
  throw new JobsError(code, message, { context: jobId === undefined ? {} : { jobId } });
}
