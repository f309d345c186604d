/**
 * The one interface behind which both kinds of queue deliver.
 *
 * A handler gets a job, its attempt number and a signal, and answers with
 * exactly one outcome. The consumer keeps the lease (SQS visibility, BullMQ
 * lock) for as long as the handler runs, and acknowledges only afterwards.
 */

/** What becomes of a job that a handler was given. */
export type Outcome =
  /** Its effect is durable: the message is acknowledged. `note` goes to metrics: a short word, never data. */
  | { readonly kind: "done"; readonly note?: string }
  /** Deliver it again, not before `afterMs` milliseconds. `reason` is a code for logs and metrics. */
  | { readonly kind: "retry"; readonly afterMs: number; readonly reason: string }
  /** It can never succeed: `code` and `message` are kept where it ends. Neither may contain data. */
  | { readonly kind: "reject"; readonly code: string; readonly message: string };

export interface Delivery<Job> {
  /** A payload in it is the handler's to wipe. */
  readonly job: Job;
  /** 1 for the first delivery. An estimate on SQS, which counts receives. */
  readonly attempt: number;
  /** Aborted when the lease is lost, the handler's time is over, or a drain nears its deadline. */
  readonly signal: AbortSignal;
  readonly source: QueueKind;
}

export type QueueKind = "sqs" | "bullmq";

/**
 * Handles one delivery. A throw counts as *retry*. Once `signal` is aborted the
 * handler should settle soon: a drain gives it a second; after a lost lease no
 * outcome of it counts.
 */
export type Handler<Job> = (delivery: Delivery<Job>) => Promise<Outcome>;

export interface JobConsumer<Job> {
  /**
   * Checks the queue, then takes jobs until drained. Throws JobsError with
   * JOBS_DLQ_MISSING, JOBS_REDIS_EVICTS or JOBS_QUEUE_UNREACHABLE.
   */
  start(handler: Handler<Job>): Promise<void>;
  /**
   * Takes no more jobs, waits for the running handlers, aborts them shortly
   * before the deadline and hands back what they did not finish. Resolves by
   * the deadline, in milliseconds from now.
   */
  drain(deadline: { readonly ms: number }): Promise<void>;
  stats(): ConsumerStats;
}

/** Counts since `start`. */
export interface ConsumerStats {
  /** Jobs taken and not yet acknowledged or handed back, and the bytes of their messages. */
  readonly inFlight: number;
  readonly inFlightBytes: number;
  readonly received: number;
  readonly done: number;
  readonly retried: number;
  readonly rejected: number;
  /** Leases that ended before their job did: somebody else has the job now. */
  readonly lost: number;
}
