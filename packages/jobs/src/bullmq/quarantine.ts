import { createHash } from "node:crypto";

/** What is kept of a job that was rejected: ids, reason and digest, never a payload. */
export interface QuarantineEntry {
  /** The same for every delivery of one job: a second entry replaces the first. */
  readonly id: string;
  readonly source: "bullmq";
  readonly queue: string;
  readonly jobId?: string;
  readonly recordId?: string;
  readonly code: string;
  readonly message: string;
  /** SHA-256 of the job's data as JSON, lower-case hex. */
  readonly digest: string;
  /** ISO 8601. */
  readonly at: string;
}

/** Resolves once the entry is durable. */
export type Quarantine = (entry: QuarantineEntry, options: { readonly signal: AbortSignal }) => Promise<void>;

export function digestOf(data: unknown): string {
  return createHash("sha256")
    .update(JSON.stringify(data) ?? "")
    .digest("hex");
}
