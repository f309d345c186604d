/**
 * SQS of one Region and account, as the official clients speak it: standard
 * queues with everything that they do.
 *
 * Not here: FIFO queues (CreateQueue answers UnsupportedOperation), queue
 * policies (kept, never evaluated) and AddPermission, encryption at rest
 * (attributes only), fairness between message groups (MessageGroupId is kept
 * and given back), and the faults of a distributed queue: no message comes
 * twice or out of order by itself, and counts are exact.
 */
import type { AwsService, JsonObject } from "../service.ts";
import { createMoveTasks } from "./move-tasks.ts";
import type { SqsContext, SqsOperation } from "./operation.ts";
import {
  changeMessageVisibility,
  changeMessageVisibilityBatch,
  deleteMessage,
  deleteMessageBatch,
  receiveMessage,
  sendMessage,
  sendMessageBatch,
} from "./operations/messages.ts";
import { cancelMessageMoveTask, listMessageMoveTasks, startMessageMoveTask } from "./operations/move-tasks.ts";
import {
  createQueue,
  deleteQueue,
  getQueueAttributes,
  getQueueUrl,
  listDeadLetterSourceQueues,
  listQueues,
  listQueueTags,
  purgeQueue,
  setQueueAttributes,
  tagQueue,
  untagQueue,
} from "./operations/queues.ts";
import { createQueueDirectory } from "./queue-directory.ts";
import { DEFAULT_LIMITS, type SqsLimits } from "./sqs-limits.ts";
import { restoreQueues, storeQueues } from "./stored-queues.ts";

export interface SqsServiceOptions {
  readonly region: string;
  /** 12 digits. */
  readonly accountId: string;
  /** What `snapshot()` gave: queues, messages, and what is in flight until when. */
  readonly restore?: JsonObject | undefined;
  /** Called at each change of what `snapshot()` gives. */
  readonly onChange?: (() => void) | undefined;
  /** Wall clock in epoch milliseconds. */
  readonly now?: (() => number) | undefined;
  readonly limits?: Partial<SqsLimits> | undefined;
}

const operations = new Map<string, SqsOperation>(
  Object.entries({
    CancelMessageMoveTask: cancelMessageMoveTask,
    ChangeMessageVisibility: changeMessageVisibility,
    ChangeMessageVisibilityBatch: changeMessageVisibilityBatch,
    CreateQueue: createQueue,
    DeleteMessage: deleteMessage,
    DeleteMessageBatch: deleteMessageBatch,
    DeleteQueue: deleteQueue,
    GetQueueAttributes: getQueueAttributes,
    GetQueueUrl: getQueueUrl,
    ListDeadLetterSourceQueues: listDeadLetterSourceQueues,
    ListMessageMoveTasks: listMessageMoveTasks,
    ListQueueTags: listQueueTags,
    ListQueues: listQueues,
    PurgeQueue: purgeQueue,
    ReceiveMessage: receiveMessage,
    SendMessage: sendMessage,
    SendMessageBatch: sendMessageBatch,
    SetQueueAttributes: setQueueAttributes,
    StartMessageMoveTask: startMessageMoveTask,
    TagQueue: tagQueue,
    UntagQueue: untagQueue,
  }),
);

/** Throws LOCAL_AWS_STATE_UNREADABLE where `restore` is not a snapshot of this Region and account. */
export function createSqsService(options: SqsServiceOptions): AwsService {
  const { region, accountId, restore, onChange = () => undefined, now = Date.now } = options;
  const limits: SqsLimits = { ...DEFAULT_LIMITS, ...options.limits };
  let changed: () => void = () => undefined;
  const onMutation = () => changed();
  const queues = createQueueDirectory({
    region,
    accountId,
    now,
    changed: onMutation,
    maxInFlight: limits.inFlightMessages,
    recreateAfterMs: limits.recreateAfterMs,
  });
  const moveTasks = createMoveTasks({ queues, now, changed: onMutation });
  const parts = { region, accountId, queues, moveTasks };
  if (restore) restoreQueues(parts, restore);
  // What is restored is no change.
  changed = onChange;
  const context: SqsContext = { accountId, queues, moveTasks, limits, now, changed: onMutation };

  return {
    targetPrefix: "AmazonSQS",
    operations: [...operations.keys()],
    async handle(name, input, call) {
      const operation = operations.get(name);
      if (!operation) throw new Error("an operation that SQS does not list was dispatched to it");
      return operation(context, input, call);
    },
    snapshot: () => storeQueues(parts),
    close() {
      moveTasks.close();
      for (const queue of queues.list()) queue.mailbox.close();
    },
  };
}
