import { createHash } from "node:crypto";

/**
 * BullMQ's id for a job: the same job has the same one, so that a second copy
 * collapses into the first. A digest, because BullMQ's ids may not hold a colon
 * or be a number, and the record id is part of it, so that two records do not
 * collapse where a producer gives them one job id by mistake.
 */
export function bullJobId(job: { readonly id: string; readonly recordId: string }): string {
  const hash = createHash("sha256");
  for (const part of [job.id, job.recordId]) {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(Buffer.byteLength(part));
    hash.update(length).update(part);
  }
  return `e-${hash.digest("base64url")}`;
}
