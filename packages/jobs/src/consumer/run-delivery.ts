/** One delivery from its message to its outcome: opened where it is sealed, then handled. */

import { DekhandError, describeError } from "@dekhand/errors";
import { anySignal, deadlineIn, fullJitterDelay, type Logger, sleep } from "@dekhand/runtime";
import type { Handler, QueueKind } from "../delivery.ts";
import type { Rejection } from "../errors.ts";
import type { JobMessage, OpenedJob, ParsedJob } from "../job-kind.ts";
import { handBackMs } from "./hand-back.ts";

export interface DeliveryRun<Job> {
  readonly parsed: ParsedJob<Job>;
  readonly handler: Handler<Job>;
  readonly attempt: number;
  readonly source: QueueKind;
  /** Aborted when the lease is lost. */
  readonly lease: AbortSignal;
  /** Aborted when a drain nears its deadline. */
  readonly drain: AbortSignal;
  /** Aborted when nobody waits for the handler any more: the run ends, whatever the handler does. */
  readonly abandon: AbortSignal;
  readonly handlerTimeoutMs: number;
  readonly logger: Logger;
}

export type RunResult =
  | { readonly kind: "done"; readonly note?: string }
  | { readonly kind: "retry"; readonly afterMs: number; readonly reason: string }
  | (Omit<Rejection, "code"> & { readonly kind: "reject"; readonly code: string });

/** Never rejects. */
export async function runDelivery<Job>(run: DeliveryRun<Job>): Promise<RunResult> {
  using either = anySignal([run.lease, run.drain]);
  using deadline = deadlineIn(run.handlerTimeoutMs, either.signal);
  const { signal } = deadline;
  const abandoned = Promise.withResolvers<RunResult>();
  const onAbandon = () => abandoned.resolve({ kind: "retry", afterMs: 0, reason: "JOBS_DRAINING" });
  if (run.abandon.aborted) onAbandon();
  run.abandon.addEventListener("abort", onAbandon, { once: true });
  try {
    return await Promise.race([work(run, signal), abandoned.promise]);
  } catch (error) {
    return failure(run, signal, error);
  } finally {
    run.abandon.removeEventListener("abort", onAbandon);
  }
}

async function work<Job>(run: DeliveryRun<Job>, signal: AbortSignal): Promise<RunResult> {
  if (!run.parsed.ok) return { kind: "reject", ...run.parsed.rejection };
  const { message } = run.parsed;
  const opened = await insist(run, message, signal);
  if ("kind" in opened) return opened;
  if (!opened.ok) return { kind: "reject", ...opened.rejection };
  if (signal.aborted) {
    message.wipe();
    throw signal.reason;
  }
  const outcome = await run.handler({ job: opened.job, attempt: run.attempt, signal, source: run.source });
  return outcome.kind === "reject" ? { ...outcome, ...message.ids } : outcome;
}

/**
 * A key that cannot be looked up now is waited for with the message held: an
 * outage must not use up receives. Where only an operator can mend it, the job is
 * handed back for so long that its receives last for days.
 */
async function insist<Job>(
  run: DeliveryRun<Job>,
  message: JobMessage<Job>,
  signal: AbortSignal,
): Promise<OpenedJob<Job> | (RunResult & { kind: "retry" })> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await message.open({ signal });
    } catch (error) {
      if (signal.aborted) throw error;
      if (!(error instanceof DekhandError) || !error.retryable) {
        run.logger.error({ err: error }, "a transit key cannot be used; its jobs are handed back");
        return { kind: "retry", afterMs: handBackMs(run.attempt), reason: describeError(error).code };
      }
      if (tries === 1) run.logger.warn({ err: error }, "a job waits for its transit key");
      await sleep(fullJitterDelay(tries, lookUpBackoff), { signal });
    }
  }
}

const lookUpBackoff = { baseMs: 100, capMs: 10_000 };
const failureBackoff = { baseMs: 2_000, capMs: 15 * 60_000 };

function failure<Job>(run: DeliveryRun<Job>, signal: AbortSignal, error: unknown): RunResult {
  if (signal.aborted) return { kind: "retry", afterMs: 0, reason: describeError(signal.reason).code };
  run.logger.error({ err: error, attempt: run.attempt }, "a job's handler threw; the job is delivered again");
  return { kind: "retry", afterMs: fullJitterDelay(run.attempt, failureBackoff), reason: "JOBS_HANDLER_FAILED" };
}
