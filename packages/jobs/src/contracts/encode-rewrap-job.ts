import { randomUUID } from "node:crypto";
import { JobsError } from "../errors.ts";
import { type EncodedJob, toText } from "./encoded-job.ts";
import { parseRewrapJob } from "./parse-rewrap-job.ts";
import type { RewrapJob, RewrapJobInput } from "./rewrap-job.ts";

/** The job's text, for SQS. Throws JobsError with the reason code a consumer would give. */
export function encodeRewrapJob(input: RewrapJobInput): EncodedJob {
  const job = toRewrapJob(input);
  return { id: job.id, body: toText(job) };
}

/** The job, checked. Throws JobsError with the reason code a consumer would give. */
export function toRewrapJob(input: RewrapJobInput): RewrapJob {
  const parsed = parseRewrapJob({ version: 1, kind: "rewrap", ...input, id: input.id ?? randomUUID() });
  if (parsed.ok) return parsed.job;
  const { code, message, jobId } = parsed.rejection;
  throw new JobsError(code, message, { context: jobId === undefined ? {} : { jobId } });
}
