/**
 * One replicate job. A job that meets trouble of a whole Region (KMS or tables
 * away, throttled, a breaker open) waits here for a short while, and then goes
 * back to its queue for a longer one: its debt stays in the table whatever
 * becomes of it. Trouble of one key or item keeps nobody here.
 */

import { isKeyTrouble } from "@dekhand/deks";
import {
  createPatience,
  type Delivery,
  failureOutcome,
  type Handler,
  type Outcome,
  type ReplicateJob,
} from "@dekhand/jobs";
import type { ReplicateFailure } from "@dekhand/recovery";
import { fullJitterDelay, type Logger } from "@dekhand/runtime";
import type { ReplicatorErrorCode } from "./errors.ts";
import type { DebtPayer } from "./pay-debt.ts";
import { requireNoRegionTrouble } from "./region-trouble.ts";

export interface ReplicateJobDeps {
  readonly payers: ReadonlyMap<string, DebtPayer>;
  /** Ids of debt that is being paid in this process. */
  readonly inHand: Set<string>;
  readonly logger: Logger;
  /** How long a job waits for trouble to pass before it goes back to its queue, in milliseconds. Default 10,000. */
  readonly holdMs?: number;
}

/** How long a job stays with its queue, in milliseconds. */
const handBack = { baseMs: 4_000, capMs: 60_000 };

export function createReplicateHandler(deps: ReplicateJobDeps): Handler<ReplicateJob> {
  const { payers, inHand, logger, holdMs = 10_000 } = deps;
  const patience = createPatience({ maxWaitingForKey: 0, holdMs, concernsKey: isKeyTrouble, logger });
  return async (delivery) => {
    const { job, attempt, signal } = delivery;
    const payer = payers.get(job.region);
    if (!payer) return reject("REPLICATOR_REGION_UNKNOWN", "this process does not copy to the job's Region");
    const { debtId } = job;
    // The sweep has it: one of the two is enough.
    if (debtId !== undefined && inHand.has(debtId)) return { kind: "done", note: "in-hand" };
    if (debtId !== undefined) inHand.add(debtId);
    try {
      const waiting = { attempt, signal, profile: () => job.region };
      const failures = await patience.insist(waiting, () => pay(payer, delivery));
      return toOutcome(failures, delivery);
    } catch (error) {
      const outcome = failureOutcome(error, { delivery, internalCode: "REPLICATOR_INTERNAL", logger });
      return outcome.kind === "retry" ? { ...outcome, afterMs: afterMs(outcome.afterMs, attempt) } : outcome;
    } finally {
      if (debtId !== undefined) inHand.delete(debtId);
    }
  };
}

/** What is still owed; throws where a whole Region is in trouble. */
async function pay(payer: DebtPayer, { job, signal }: Delivery<ReplicateJob>): Promise<readonly ReplicateFailure[]> {
  const { failures } = await payer.pay(job, { signal });
  requireNoRegionTrouble(payer.region, failures);
  return failures;
}

function toOutcome(failures: readonly ReplicateFailure[], { job, attempt }: Delivery<ReplicateJob>): Outcome {
  const passing = failures.find(({ retryable }) => retryable);
  if (passing) return { kind: "retry", afterMs: afterMs(1, attempt), reason: passing.code };
  const [first] = failures;
  if (!first) return { kind: "done" };
  // Its debt tells what is missing, for as long as it is.
  if (job.debtId !== undefined) return { kind: "done", note: "unpaid" };
  return { kind: "reject", code: first.code, message: "part of it cannot be copied as it is" };
}

/** Nobody is needed to look into it before, so that the hours for which other jobs are handed back are not needed. */
function afterMs(wanted: number, attempt: number): number {
  return wanted === 0 ? 0 : 1_000 + fullJitterDelay(attempt, handBack);
}

function reject(code: ReplicatorErrorCode, message: string): Outcome {
  return { kind: "reject", code, message };
}
