/**
 * Puts jobs of whatever kind on an SQS queue: ten to a call, up to 1 MiB a call,
 * sending again only the entries that failed.
 */

import { SendMessageBatchCommand, type SQSClient } from "@aws-sdk/client-sqs";
import { createEntryBatcher } from "../consumer/entry-batcher.ts";
import type { EncodedJob } from "../contracts/encoded-job.ts";
import { JobsError } from "../errors.ts";
import { createByteRoom } from "../producer/byte-room.ts";
import { failed, type JobProducer, type SubmitResult } from "../producer.ts";
import { MAX_SQS_MESSAGE_BYTES } from "./reason-attributes.ts";
import { answers } from "./receipt-batches.ts";

export interface SqsSenderOptions {
  readonly client: SQSClient;
  readonly queueUrl: string;
  /** Bytes of messages on their way before `submit` waits. Default 16 MiB. */
  readonly maxPendingBytes?: number;
  /** Calls under way at once. Default 8. */
  readonly maxConcurrent?: number;
  /** How long a job waits for company, in milliseconds. Default 5. */
  readonly maxDelayMs?: number;
  /** How long a job is tried before it answers JOBS_SEND_FAILED, in milliseconds. Default 30,000. */
  readonly sendTimeoutMs?: number;
}

/** Left free in every message, so that a rejected one has room for its reason. */
export const REASON_RESERVE_BYTES = 2_048;

/** `encode` throws JobsError for a job that breaks its contract. */
export function createSqsSender<Input extends { readonly id?: string }>(
  options: SqsSenderOptions,
  encode: (job: Input) => EncodedJob,
): JobProducer<Input> {
  const { client, queueUrl, sendTimeoutMs = 30_000 } = options;
  const closed = new AbortController();
  const room = createByteRoom(options.maxPendingBytes ?? 16 * 1024 * 1024);
  const batcher = createEntryBatcher<string>({
    maxEntries: 10,
    maxBytes: MAX_SQS_MESSAGE_BYTES,
    bytesOf: (body) => Buffer.byteLength(body),
    maxDelayMs: options.maxDelayMs ?? 5,
    maxConcurrent: options.maxConcurrent ?? 8,
    backoff: { baseMs: 100, capMs: 5_000 },
    signal: closed.signal,
    send: async (bodies, abortSignal) => {
      const entries = bodies.map((body, index) => ({ Id: String(index), MessageBody: body }));
      const command = new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries: entries });
      return answers(bodies.length, await client.send(command, { abortSignal }));
    },
  });

  const send = async (id: string, body: string, signal: AbortSignal | undefined): Promise<SubmitResult> => {
    const giveUpAt = performance.now() + sendTimeoutMs;
    const wanted = () => performance.now() < giveUpAt && !signal?.aborted;
    const result = await batcher.submit(body, { wanted });
    if (result.ok) return { ok: true, id };
    const failure = { retryable: true, context: { jobId: id, reason: result.code } };
    return failed(new JobsError("JOBS_SEND_FAILED", "SQS did not take the job", failure), id);
  };

  const fit = (encoded: EncodedJob) => {
    const bytes = Buffer.byteLength(encoded.body);
    if (bytes <= MAX_SQS_MESSAGE_BYTES - REASON_RESERVE_BYTES) return { ...encoded, bytes };
    throw new JobsError("JOBS_MESSAGE_TOO_LARGE", "the job does not fit into one SQS message", {
      context: { jobId: encoded.id, bytes },
    });
  };

  return {
    async submit(jobs, { signal } = {}) {
      const results: Promise<SubmitResult>[] = [];
      for (const job of jobs) {
        if (closed.signal.aborted) throw new JobsError("JOBS_CLOSED", "the producer is closed");
        let encoded: ReturnType<typeof fit>;
        try {
          encoded = fit(encode(job));
        } catch (error) {
          results.push(Promise.resolve(failed(error, job.id)));
          continue;
        }
        const { id, body, bytes } = encoded;
        await room.take(bytes, signal);
        results.push(send(id, body, signal).finally(() => room.give(bytes)));
      }
      return Promise.all(results);
    },
    async close() {
      closed.abort(new JobsError("JOBS_CLOSED", "the producer is closed"));
    },
  };
}
