/** From what a message held to a replicate job, or to the reason why there is none. Never throws on any input. */

import type { JobKind, Refused } from "../job-kind.ts";
import { readHead, refuse } from "./job-head.ts";
import type { ReplicateJob } from "./replicate-job.ts";
import { replicateJobSchema } from "./replicate-schema.ts";
import { schemaReason } from "./schema-rejection.ts";

export function parseReplicateJob(value: unknown): { readonly ok: true; readonly job: ReplicateJob } | Refused {
  const head = readHead(value, "replicate");
  if (!head.ok) return head;
  const parsed = replicateJobSchema.safeParse(value);
  if (parsed.success) return { ok: true, job: parsed.data };
  const { code, message } = schemaReason(parsed.error);
  return refuse(head.ids, code, message);
}

/** Replicate jobs as consumers take them. Nothing in them is secret. */
export const replicateJobs: JobKind<ReplicateJob> = {
  name: "replicate",
  parse(value) {
    const parsed = parseReplicateJob(value);
    if (!parsed.ok) return parsed;
    const { job } = parsed;
    const message = { ids: { jobId: job.id }, bytes: 0, open: async () => parsed, wipe: () => undefined };
    return { ok: true, message };
  },
};
