import { DekhandError, describeError } from "@dekhand/errors";
import type { Logger } from "@dekhand/runtime";
import type { Delivery, Outcome } from "../delivery.ts";
import { HandBack } from "./patience.ts";

export interface FailureOptions {
  readonly delivery: Pick<Delivery<{ readonly id: string }>, "job" | "attempt" | "signal">;
  /** The service's code for a fault of its own. */
  readonly internalCode: string;
  readonly logger: Logger;
}

/** Deliveries after which a job that fails for a reason of our own (a fault in the code) is rejected. */
const maxInternalFailures = 5;

/** What becomes of a job whose handler has waited out what passes by itself, and failed with `error`. */
export function failureOutcome(error: unknown, { delivery, internalCode, logger }: FailureOptions): Outcome {
  const { job, attempt, signal } = delivery;
  if (signal.aborted) return { kind: "retry", afterMs: 0, reason: "stopped" };
  if (error instanceof HandBack)
    return { kind: "retry", afterMs: error.afterMs, reason: describeError(error.cause).code };
  if (error instanceof DekhandError) return { kind: "reject", code: error.code, message: error.message };
  logger.error({ err: error, jobId: job.id }, "unexpected failure of a job");
  if (attempt < maxInternalFailures) return { kind: "retry", afterMs: 30_000, reason: internalCode };
  return { kind: "reject", code: internalCode, message: "the job failed unexpectedly again and again" };
}
