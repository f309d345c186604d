import type { SqsOperation } from "../operation.ts";
import { readInteger, readText, requireText } from "../sqs-input.ts";

export const startMessageMoveTask: SqsOperation = ({ moveTasks }, input) => ({
  TaskHandle: moveTasks.start({
    sourceArn: requireText(input, "SourceArn"),
    destinationArn: readText(input, "DestinationArn"),
    maxPerSecond: readInteger(input, "MaxNumberOfMessagesPerSecond", 1, 500),
  }),
});

export const listMessageMoveTasks: SqsOperation = ({ moveTasks }, input) => {
  const max = readInteger(input, "MaxResults", 1, 10) ?? 1;
  const tasks = moveTasks.list(requireText(input, "SourceArn")).slice(0, max);
  const results = tasks.map((task) => ({
    // Only a running task can be named, to cancel it.
    ...(task.status === "RUNNING" && { TaskHandle: moveTasks.handleOf(task) }),
    Status: task.status,
    SourceArn: task.sourceArn,
    DestinationArn: task.destinationArn,
    MaxNumberOfMessagesPerSecond: task.maxPerSecond,
    ApproximateNumberOfMessagesMoved: task.moved,
    ApproximateNumberOfMessagesToMove: task.toMove,
    FailureReason: task.failureReason,
    StartedTimestamp: task.startedAt,
  }));
  return results.length > 0 ? { Results: results } : {};
};

export const cancelMessageMoveTask: SqsOperation = ({ moveTasks }, input) => ({
  ApproximateNumberOfMessagesMoved: moveTasks.cancel(requireText(input, "TaskHandle")).moved,
});
