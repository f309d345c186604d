/**
 * The library for applications: hand in records to be encrypted, and read them
 * back. One client serves a whole process; nothing is contacted before the
 * first call.
 */

import { GetQueueUrlCommand } from "@aws-sdk/client-sqs";
import type { AwsClients } from "@dekhand/aws";
import type { EncryptionContext } from "@dekhand/envelope";
import type { DekhandError } from "@dekhand/errors";
import {
  checkAgainstProfile,
  createBullProducer,
  createSqsProducer,
  type EncryptJobInput,
  type JobProducer,
  JobsError,
  toTransitPublicKey,
} from "@dekhand/jobs";
import {
  type Clock,
  createLogger,
  createMetrics,
  type DeploymentConfig,
  type Logger,
  type Metrics,
} from "@dekhand/runtime";
import { ClientError } from "./errors.ts";
import { type Credentials, clientsFor, openReader } from "./open-reader.ts";
import type { OpenedRecord } from "./read-in-region.ts";
import type { ReadOptions } from "./record-reader.ts";

export interface ClientOptions {
  readonly config: DeploymentConfig;
  /** Default: the SDK's own chain. */
  readonly credentials?: Credentials;
  /** Redis of the BullMQ queue and of the shared KMS quota; only submitting over BullMQ needs it. */
  readonly redisUrl?: string;
  /** The deployment's public transit key in base64, as `dekhand init` prints it; only submitting over BullMQ needs it. */
  readonly transitKey?: string;
  /** The Region to read in first: usually the application's own. One in which no profile has records changes nothing. */
  readonly region?: string;
  /**
   * The Regions to read in, in this order; those that are left out are not asked. Default: the profiles' homes, then their
   * replica Regions, as they are configured.
   */
  readonly read?: readonly string[];
  /**
   * Milliseconds that one Region has for each step of a read (the record, its DEK, a KMS call) before the next is asked,
   * where the configuration has several. Default 2,000. Reading a record has 100 more per MiB of `limits.payloadBytes`.
   */
  readonly regionTimeoutMs?: number;
  /** Default: nothing is logged. */
  readonly logger?: Logger;
  readonly metrics?: Metrics;
  /** What the pauses of a Region in trouble are measured with. Default: the system's. */
  readonly clock?: Pick<Clock, "monotonic">;
  /** Uniform in [0, 1): what those pauses are drawn with. Default Math.random. */
  readonly random?: () => number;
}

export interface SubmitOptions {
  /** The kind of queue. Default `sqs`. */
  readonly via?: "sqs" | "bullmq";
  readonly signal?: AbortSignal;
}

export type SubmitOutcome =
  | { readonly ok: true; readonly jobId: string }
  | { readonly ok: false; readonly jobId?: string; readonly error: DekhandError };

export interface DekhandClient {
  /**
   * Resolves with the job's id once it is on the queue. Throws the reason why it
   * is not: a JOBS_ code for a record that breaks the contract or lacks a context
   * key that its profile requires, CLIENT_PROFILE_UNKNOWN (all before anything is
   * sent), JOBS_SEND_FAILED, JOBS_QUEUE_FULL.
   */
  submit(record: EncryptJobInput, options?: SubmitOptions): Promise<{ readonly jobId: string }>;
  /** As `submit`, for many: one bad record does not stop the others. Answers in the order of the input. */
  submitAll(records: readonly EncryptJobInput[], options?: SubmitOptions): Promise<readonly SubmitOutcome[]>;
  /**
   * Opens a record that has exactly this context, in the first Region that can.
   * Throws CLIENT_RECORD_NOT_FOUND; CLIENT_CONTEXT_MISMATCH, before any KMS
   * call; CLIENT_REGION_TIMEOUT; CLIENT_REGION_UNKNOWN;
   * ENVELOPE_AUTHENTICATION_FAILED; and what DEK, KMS and store fail with.
   */
  read(recordId: string, context: EncryptionContext, options?: ReadOptions): Promise<OpenedRecord>;
  /** Wipes unwrapped DEKs and closes every connection. Jobs not yet sent fail. */
  close(): Promise<void>;
}

/** Throws CLIENT_REGION_UNKNOWN. */
export function createClient(options: ClientOptions): DekhandClient {
  const { config } = options;
  const logger = options.logger ?? createLogger({ service: "client", level: "silent" });
  const metrics = options.metrics ?? createMetrics({ service: "client" });
  const clients = clientsFor(config, { logger, ...(options.credentials && { credentials: options.credentials }) });
  const reader = openReader({
    ...{ config, clients, logger, metrics, redisUrl: options.redisUrl },
    ...{ preferred: options.region, order: options.read, regionTimeoutMs: options.regionTimeoutMs },
    ...{ clock: options.clock, random: options.random },
  });
  const producers = new Map<"sqs" | "bullmq", Promise<JobProducer<EncryptJobInput>>>();

  const producer = (via: "sqs" | "bullmq"): Promise<JobProducer<EncryptJobInput>> => {
    const made =
      producers.get(via) ??
      (via === "sqs" ? sqsProducer(config, clients) : Promise.resolve(bullProducer(options, logger)));
    producers.set(via, made);
    // The next submission tries again.
    made.catch(() => producers.delete(via));
    return made;
  };

  const submitAll: DekhandClient["submitAll"] = async (records, { via = "sqs", signal } = {}) => {
    if (records.length === 0) return [];
    const refusals = records.map((record) => refusalOf(record, config));
    const wanted = records.filter((_, index) => refusals[index] === undefined);
    const send = async () => (await producer(via)).submit(wanted, signal === undefined ? {} : { signal });
    const results = (wanted.length === 0 ? [] : await send()).values();
    return refusals.map((error): SubmitOutcome => {
      if (error) return { ok: false, error };
      const result = results.next().value;
      if (!result) throw new RangeError("a producer answers job by job");
      if (result.ok) return { ok: true, jobId: result.id };
      return { ok: false, error: result.error, ...(result.id === undefined ? {} : { jobId: result.id }) };
    });
  };

  return {
    submitAll,
    async submit(record, submitOptions) {
      const [outcome] = await submitAll([record], submitOptions);
      if (!outcome) throw new RangeError("one record has one outcome");
      if (!outcome.ok) throw outcome.error;
      return { jobId: outcome.jobId };
    },
    read: (recordId, context, readOptions) => reader.read(recordId, context, readOptions),
    async close() {
      reader.close();
      const open = await Promise.allSettled(producers.values());
      const made = open.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
      await Promise.all(made.map((each) => each.close()));
      clients.destroy();
    },
  };
}

/** What the configuration shows to be wrong is told to the producer rather than found in the dead-letter queue. */
function refusalOf({ profile, context }: EncryptJobInput, config: DeploymentConfig): DekhandError | undefined {
  const refusal = checkAgainstProfile({ profile, context: context ?? {} }, config.profiles);
  if (!refusal) return undefined;
  if (refusal.code !== "JOBS_PROFILE_UNKNOWN") return new JobsError(refusal.code, refusal.message);
  const known = Object.keys(config.profiles).join(", ");
  return new ClientError("CLIENT_PROFILE_UNKNOWN", `no such profile; the configuration has ${known}`);
}

async function sqsProducer(config: DeploymentConfig, clients: AwsClients): Promise<JobProducer<EncryptJobInput>> {
  const { sqs } = clients.region(config.control);
  try {
    const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: config.queues.encrypt }));
    if (QueueUrl !== undefined) {
      return createSqsProducer({ client: sqs, queueUrl: QueueUrl, maxPayloadBytes: config.limits.payloadBytes });
    }
  } catch (cause) {
    throw new ClientError("CLIENT_QUEUE_UNREACHABLE", "the SQS queue cannot be found or reached", {
      cause,
      retryable: true,
      context: { queue: config.queues.encrypt, region: config.control },
    });
  }
  throw new ClientError("CLIENT_QUEUE_UNREACHABLE", "SQS named no URL for the queue");
}

function bullProducer(options: ClientOptions, logger: Logger): JobProducer<EncryptJobInput> {
  const { config, redisUrl, transitKey } = options;
  if (redisUrl === undefined) throw new ClientError("CLIENT_REDIS_MISSING", "submitting over BullMQ needs redisUrl");
  if (transitKey === undefined) {
    throw new ClientError(
      "CLIENT_TRANSIT_KEY_MISSING",
      "submitting over BullMQ needs the deployment's public transit key",
    );
  }
  return createBullProducer({
    connection: { url: redisUrl },
    queue: config.queues.encrypt,
    prefix: config.prefix,
    transit: toTransitPublicKey(Buffer.from(transitKey, "base64")),
    maxPayloadBytes: config.limits.payloadBytes,
    logger,
  });
}
