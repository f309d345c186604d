import type { SpawnedScript } from "@dekhand/testing";
import type { JobConsumer, QueueKind } from "../delivery.ts";
import type { RejectedJobs } from "../rejected-jobs.ts";
import type { TransitPublicKey } from "../transit/transit-key.ts";

/** As much of a job as the suites that run for every kind look at. */
export interface AnyJob {
  readonly id: string;
  readonly recordId?: string;
}

/** What the contract suites run on: one empty queue for jobs of one kind, with all that belongs to it. */
export interface QueueSubject<Job extends AnyJob, Input extends AnyJob> extends AsyncDisposable {
  readonly source: QueueKind;
  /** A job that no other call gives. */
  sample(): Input;
  /** Puts jobs on the queue as a producer does. */
  submit(...jobs: readonly Input[]): Promise<void>;
  /** Puts on the queue what no producer would: a message of this JSON value. */
  submitRaw(...messages: readonly unknown[]): Promise<void>;
  /** Consumers still running are drained at the end. */
  consumer(options?: ConsumerSettings): JobConsumer<Job>;
  /** A consumer in a process of its own that prints `took <job id>` and never finishes a job. */
  stuckWorker(): Promise<SpawnedScript>;
  /** From now on, the leases held by consumers made so far can no longer be renewed. */
  loseLeases(): Promise<void>;
  /** Where rejected jobs end. */
  readonly rejected: RejectedJobs;
  /** Reasons where they are durable: the dead-letter queue, or the quarantine. */
  reasons(): Promise<readonly Reason[]>;
  /** Messages on the queue: waiting, delayed or held by a consumer. */
  open(): Promise<number>;
  /** The public transit key that consumers can open. */
  readonly transit: TransitPublicKey;
  /** Makes the next look-ups of the transit key fail, retryably. */
  failKeyLookUps(count: number): void;
}

export interface ConsumerSettings {
  readonly maxInFlight?: number;
  /** Whole seconds, 2,000 by default. */
  readonly leaseMs?: number;
  readonly handlerTimeoutMs?: number;
}

export interface Reason {
  readonly code: string;
  readonly message: string;
  readonly jobId?: string | undefined;
  readonly recordId?: string | undefined;
}

/** Called for each test. The suite disposes of what it gives. */
export type QueueSetup<Job extends AnyJob, Input extends AnyJob> = () => Promise<QueueSubject<Job, Input>>;
