import { createHash } from "node:crypto";
import type { ReplicateJob } from "../contracts/replicate-job.ts";
import type { RewrapJob } from "../contracts/rewrap-job.ts";

/**
 * BullMQ's id for a job: the same job has the same one, so that a second copy
 * collapses into the first. A digest, because BullMQ's ids may not hold a colon
 * or be a number, and the record id is part of it, so that two records do not
 * collapse where a producer gives them one job id by mistake.
 */
export function bullJobId(job: { readonly id: string; readonly recordId: string }): string {
  return digestId("e", job.id, job.recordId);
}

/**
 * BullMQ's id for a rewrap job. A segment has one whatever the job's own id is:
 * a campaign adds what is open again and again. Two jobs for one DEK stay two,
 * as the first may be at work already with a key that the second is to leave.
 */
export function bullRewrapJobId(job: RewrapJob): string {
  if ("dekId" in job) return digestId("w", job.id, job.dekId, job.region);
  return digestId("s", job.campaignId, String(job.segment));
}

/**
 * BullMQ's id for a replicate job: that of the debt which it pays, whatever the
 * job's own id is. Producer and reconciler add the same debt again and again.
 */
export function bullReplicateJobId({ id, region, debtId }: ReplicateJob): string {
  return debtId === undefined ? digestId("c", id, region) : digestId("d", debtId, region);
}

/**
 * The id under which a rejected job's body is kept. It follows from the id that
 * the job had on its queue, and a redrive gives it another one there: were each
 * rejection of a job kept under one id, a second one that comes before the first
 * one's entries are gone would go with them.
 */
export function keptJobId(bullId: string, digest: string): string {
  return digestId("k", bullId, digest);
}

/** The id of a kept job once it is back on its queue: the same however often one redrive is repeated. */
export function redrivenJobId(keptId: string): string {
  return digestId("r", keptId);
}

function digestId(kind: string, ...parts: readonly string[]): string {
  const hash = createHash("sha256");
  for (const part of parts) {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(Buffer.byteLength(part));
    hash.update(length).update(part);
  }
  return `${kind}-${hash.digest("base64url")}`;
}
