/** What a job's data is overwritten with when it was in the clear: enough to go on with the rejection after a crash. */

import { z } from "zod";
import { JOBS_REASON_CODES, type Rejection } from "../errors.ts";

const schema = z.strictObject({
  scrubbed: z.literal(1),
  code: z.enum(JOBS_REASON_CODES),
  message: z.string().max(1_000),
  jobId: z.string().max(1_000).optional(),
  recordId: z.string().max(1_000).optional(),
  digest: z.string().regex(/^[0-9a-f]{64}$/),
});

export function scrub(rejection: Rejection, digest: string): z.input<typeof schema> {
  return { scrubbed: 1, ...rejection, digest };
}

export function readScrubbed(data: unknown): { readonly rejection: Rejection; readonly digest: string } | undefined {
  const parsed = schema.safeParse(data);
  if (!parsed.success) return undefined;
  const { code, message, jobId, recordId, digest } = parsed.data;
  const ids = { ...(jobId === undefined ? {} : { jobId }), ...(recordId === undefined ? {} : { recordId }) };
  return { rejection: { code, message, ...ids }, digest };
}
