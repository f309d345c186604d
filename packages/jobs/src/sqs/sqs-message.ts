/**
 * One message's way through the consumer: its lease, its run, and what its
 * outcome does to it. A message is deleted only while its lease is surely held,
 * and a rejected one only once the dead-letter queue has it.
 */

import type { Message } from "@aws-sdk/client-sqs";
import { fullJitterDelay, type Logger, type RateLimitedLogger } from "@dekhand/runtime";
import type { EntryResult } from "../consumer/entry-batcher.ts";
import { holdLease, type Lease } from "../consumer/lease-keeper.ts";
import type { DeliveryRun, RunResult } from "../consumer/run-delivery.ts";
import { runDelivery } from "../consumer/run-delivery.ts";
import type { Tally } from "../consumer/tally.ts";
import { type JobKind, parseMessage } from "../job-kind.ts";
import type { DeadLetters } from "./dead-letters.ts";
import type { ReceiptBatches } from "./receipt-batches.ts";

export interface SqsMessageDeps<Job> extends SettleDeps {
  readonly jobs: JobKind<Job>;
  readonly run: Omit<DeliveryRun<Job>, "parsed" | "attempt" | "source" | "lease">;
}

/** Once a job has its outcome, its kind is all the same. */
interface SettleDeps {
  readonly batches: ReceiptBatches;
  readonly deadLetters: DeadLetters;
  readonly visibilitySeconds: number;
  readonly tally: Tally;
  readonly logger: Logger;
  /** For what comes with every bad job. */
  readonly frequent: RateLimitedLogger;
  readonly now: () => number;
}

/** SQS lets a message be held for 12 hours from its receive, all extensions included. */
const maxHeldSeconds = 43_200;
const rejectBackoff = { baseMs: 5_000, capMs: 15 * 60_000 };

/** Resolves when the message is done with, one way or the other. Never rejects. */
export async function handleSqsMessage<Job>(
  message: Message,
  receivedAt: number,
  deps: SqsMessageDeps<Job>,
): Promise<void> {
  const { batches, now, visibilitySeconds } = deps;
  const receipt = message.ReceiptHandle ?? "";
  const lease = holdLease({
    leaseMs: visibilitySeconds * 1_000,
    since: receivedAt,
    now,
    renew: async (wanted) => {
      const result = await batches.visibility.submit({ receipt, seconds: visibilitySeconds }, { wanted });
      return result.ok ? "renewed" : "lost";
    },
  });
  const attempt = Number(message.Attributes?.ApproximateReceiveCount ?? 1);
  try {
    const parsed = parseMessage(message.Body ?? "", deps.jobs.parse);
    const result = await runDelivery({ ...deps.run, parsed, attempt, source: "sqs", lease: lease.signal });
    await settle({ message, receipt, receivedAt, attempt, lease }, result, deps);
  } catch (error) {
    deps.logger.error({ err: error, messageId: message.MessageId }, "a message was left to come back by itself");
  } finally {
    if (lease.lost) deps.tally.lost();
    lease.end();
  }
}

interface Held {
  readonly message: Message;
  readonly receipt: string;
  readonly receivedAt: number;
  readonly attempt: number;
  readonly lease: Lease;
}

async function settle(held: Held, result: RunResult, deps: SettleDeps): Promise<void> {
  if (!held.lease.held()) return;
  switch (result.kind) {
    case "done":
      if (await acknowledge(held, deps)) deps.tally.done(result.note);
      return;
    case "retry":
      deps.tally.retried(result.reason);
      return handBack(held, result.afterMs, deps);
    case "reject":
      return reject(held, result, deps);
  }
}

async function reject(held: Held, reason: RunResult & { kind: "reject" }, deps: SettleDeps): Promise<void> {
  const { message, lease, attempt } = held;
  try {
    await deps.deadLetters.put(message, reason, lease.signal);
  } catch (error) {
    if (!lease.held()) return;
    deps.logger.error(
      { err: error, code: reason.code, jobId: reason.jobId, messageId: message.MessageId },
      "the dead-letter queue did not take a rejected message; it stays on its queue",
    );
    deps.tally.retried("JOBS_REJECT_FAILED");
    return handBack(held, rejectBackoff.baseMs + fullJitterDelay(attempt, rejectBackoff), deps);
  }
  if (!(await acknowledge(held, deps))) return;
  deps.tally.rejected(reason.code);
  const { code, jobId, recordId } = reason;
  deps.frequent.log("warn", code, { code, jobId, recordId }, "a job was rejected");
}

async function acknowledge({ receipt, lease, message }: Held, deps: SettleDeps): Promise<boolean> {
  const result: EntryResult = await deps.batches.deletes.submit(receipt, { wanted: () => lease.held() });
  if (!result.ok) {
    deps.logger.warn({ code: result.code, messageId: message.MessageId }, "a finished message could not be deleted");
  }
  return result.ok;
}

async function handBack({ receipt, receivedAt, lease }: Held, afterMs: number, deps: SettleDeps): Promise<void> {
  // A renewal after this would take the message back for another lease.
  lease.end();
  const heldSeconds = Math.ceil((deps.now() - receivedAt) / 1_000);
  const seconds = Math.min(Math.ceil(Math.max(0, afterMs) / 1_000), Math.max(0, maxHeldSeconds - heldSeconds - 60));
  // Where this fails the message comes back when its visibility ends.
  await deps.batches.visibility.submit({ receipt, seconds });
}
