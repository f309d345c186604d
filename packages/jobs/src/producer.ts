/** Handing jobs to a queue: the same on both kinds. */

import { JobsError } from "./errors.ts";

export interface JobProducer<Input> {
  /**
   * Resolves when every job is on the queue or has failed, job by job in order.
   * Waits while too much is on its way already. Never rejects for a job's sake.
   */
  submit(jobs: Iterable<Input>, options?: { readonly signal?: AbortSignal }): Promise<readonly SubmitResult[]>;
  /** Fails what has not been sent. */
  close(): Promise<void>;
}

export type SubmitResult =
  | { readonly ok: true; readonly id: string }
  /**
   * A reason code of the contract; JOBS_MESSAGE_TOO_LARGE; JOBS_QUEUE_FULL or
   * JOBS_SEND_FAILED, which are retryable. After JOBS_SEND_FAILED the job may be
   * on the queue nevertheless: submit it again under the same id.
   */
  | { readonly ok: false; readonly id?: string; readonly error: JobsError };

/** What a job that could not be encoded or sent answers. Anything but a JobsError is a fault of ours and thrown on. */
export function failed(error: unknown, id?: string): SubmitResult {
  if (!(error instanceof JobsError)) throw error;
  return { ok: false, error, ...(id === undefined ? {} : { id }) };
}
