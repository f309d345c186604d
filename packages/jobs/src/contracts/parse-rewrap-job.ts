/** From what a message held to a rewrap job, or to the reason why there is none. Never throws on any input. */

import type { JobKind, Refused } from "../job-kind.ts";
import { readHead, refuse } from "./job-head.ts";
import type { RewrapJob } from "./rewrap-job.ts";
import { rewrapDekSchema, rewrapSegmentSchema } from "./rewrap-schema.ts";
import { schemaReason } from "./schema-rejection.ts";

export function parseRewrapJob(value: unknown): { readonly ok: true; readonly job: RewrapJob } | Refused {
  const head = readHead(value, "rewrap");
  if (!head.ok) return head;
  const { fields, ids } = head;
  if (fields.has("dekId") === fields.has("campaignId")) {
    return refuse(ids, "JOBS_SCHEMA_INVALID", "the job needs exactly one of dekId and campaignId");
  }
  const schema = fields.has("dekId") ? rewrapDekSchema : rewrapSegmentSchema;
  const parsed = schema.safeParse(value);
  if (parsed.success) return { ok: true, job: parsed.data };
  const { code, message } = schemaReason(parsed.error);
  return refuse(ids, code, message);
}

/** Rewrap jobs as consumers take them. Nothing in them is secret. */
export const rewrapJobs: JobKind<RewrapJob> = {
  name: "rewrap",
  parse(value) {
    const parsed = parseRewrapJob(value);
    if (!parsed.ok) return parsed;
    const { job } = parsed;
    const message = { ids: { jobId: job.id }, bytes: 0, open: async () => parsed, wipe: () => undefined };
    return { ok: true, message };
  },
};
