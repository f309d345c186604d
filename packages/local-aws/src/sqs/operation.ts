import type { AwsCall, JsonObject } from "../service.ts";
import type { MoveTasks } from "./move-tasks.ts";
import type { QueueDirectory } from "./queue-directory.ts";
import type { SqsLimits } from "./sqs-limits.ts";

/** What all operations of one Region's SQS work on. */
export interface SqsContext {
  readonly accountId: string;
  readonly queues: QueueDirectory;
  readonly moveTasks: MoveTasks;
  readonly limits: SqsLimits;
  readonly now: () => number;
  readonly changed: () => void;
}

/** Answers one call, or throws an AwsFault. */
export type SqsOperation = (context: SqsContext, input: JsonObject, call: AwsCall) => JsonObject | Promise<JsonObject>;
