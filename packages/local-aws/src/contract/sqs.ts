import { describe } from "vitest";
import { describeBatches } from "./sqs-batches.ts";
import { describeDeadLetters } from "./sqs-dead-letters.ts";
import { describeMessages } from "./sqs-messages.ts";
import { describeMoveTasks } from "./sqs-move-tasks.ts";
import { describeQueues } from "./sqs-queues.ts";
import { useSqs } from "./sqs-suite.ts";
import { describeVisibility } from "./sqs-visibility.ts";
import { describeWaiting } from "./sqs-waiting.ts";
import type { ContractTarget } from "./target.ts";

/**
 * What Dekhand relies on SQS to do, with standard queues. Capabilities that a
 * target may lack: `sqs.dead-letter-check`, `sqs.exactly-once`, `sqs.group-id`,
 * `sqs.large-messages`, `sqs.list-pages`, `sqs.move-tasks`, `sqs.not-in-flight`,
 * `sqs.purge-pause`, `sqs.recreate-pause`, `sqs.stale-receipts`, `sqs.tags`,
 * `sqs.trace-header`.
 *
 * AWS documents of an old receipt handle only that it *might* delete nothing,
 * and that a message may come twice: point the suite there with
 * `sqs.stale-receipts` and `sqs.exactly-once` among what the target lacks.
 */
export function describeSqsContract(target: ContractTarget): void {
  // Each test has its own queues and most of them wait for a second or two: together they take no longer than one.
  describe.concurrent(`SQS of ${target.name}`, { timeout: target.real ? 180_000 : 30_000 }, () => {
    const suite = useSqs(target);
    describeQueues(suite);
    describeMessages(suite);
    describeBatches(suite);
    describeVisibility(suite);
    describeWaiting(suite);
    describeDeadLetters(suite);
    describeMoveTasks(suite);
  });
}
