import { QueueDoesNotExist } from "@aws-sdk/client-sqs";
import { DekhandError, describeError, isAbort } from "@dekhand/errors";
import { JobsError } from "@dekhand/jobs";

/** Does `work` with an SQS queue; what SQS or the network fail with becomes JOBS_QUEUE_UNREACHABLE. */
export async function withQueue<T>(queue: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof DekhandError || isAbort(cause, signal)) throw cause;
    const message =
      cause instanceof QueueDoesNotExist
        ? "the SQS queue does not exist; `dekhand init` creates it"
        : "the SQS queue cannot be reached, or refuses the request";
    // The code alone: a foreign message may quote what was sent.
    const context = { queue, reason: describeError(cause).code };
    throw new JobsError("JOBS_QUEUE_UNREACHABLE", message, { cause, retryable: true, context });
  }
}
