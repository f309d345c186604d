/**
 * Redrive: tasks that move messages out of a dead-letter queue, back to where
 * they came from or to a queue of choice.
 *
 * A moved message is a new one (id, time, receive count), as SQS documents it.
 * A task takes only what is visible, as many messages as there were when it
 * started. Where it cannot go on it fails, and the message stays where it is.
 */
import { randomUUID } from "node:crypto";
import type { QueuedMessage } from "./message.ts";
import type { Queue } from "./queue.ts";
import type { QueueDirectory } from "./queue-directory.ts";
import { invalidParameter, resourceNotFound, unsupported } from "./sqs-faults.ts";

/**
 * RUNNING -> COMPLETED when all is moved, FAILED with a reason, or CANCELLED by
 * request. (SQS also has CANCELLING; here nothing happens in between.)
 */
export type MoveTaskStatus = "RUNNING" | "COMPLETED" | "FAILED" | "CANCELLED";

export interface MoveTask {
  readonly id: string;
  readonly sourceArn: string;
  /** Absent: back to each message's own source. */
  readonly destinationArn: string | undefined;
  readonly maxPerSecond: number | undefined;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  readonly toMove: number;
  moved: number;
  status: MoveTaskStatus;
  failureReason: string | undefined;
}

export interface MoveTasks {
  /** Throws ResourceNotFoundException, InvalidParameterValue. */
  start(request: Pick<MoveTask, "sourceArn" | "destinationArn" | "maxPerSecond">): string;
  /** Newest first. Throws ResourceNotFoundException. */
  list(sourceArn: string): readonly MoveTask[];
  /** Throws InvalidParameterValue, ResourceNotFoundException, UnsupportedOperation. */
  cancel(taskHandle: string): MoveTask;
  handleOf(task: MoveTask): string;
  all(): readonly MoveTask[];
  /** Puts a task in as it was saved; one that was running goes on. */
  restore(task: MoveTask): void;
  close(): void;
}

interface Move {
  readonly source: Queue;
  readonly message: QueuedMessage;
  readonly destination: Queue;
}

interface Ending {
  readonly end: "COMPLETED" | "FAILED";
  readonly reason?: string;
}

/** Finished tasks that are kept for each source. */
const KEPT_TASKS = 10;
const MESSAGES_PER_STEP = 500;
const STEP_MS = 10;

export function createMoveTasks({
  queues,
  now,
  changed,
}: {
  readonly queues: QueueDirectory;
  readonly now: () => number;
  readonly changed: () => void;
}): MoveTasks {
  /** By source, oldest first. */
  const tasks = new Map<string, MoveTask[]>();
  const timers = new Map<MoveTask, NodeJS.Timeout>();

  function add(task: MoveTask): void {
    const kept = [...(tasks.get(task.sourceArn) ?? []), task].slice(-KEPT_TASKS);
    tasks.set(task.sourceArn, kept);
    changed();
    if (task.status === "RUNNING") schedule(task);
  }

  function schedule(task: MoveTask): void {
    // Nothing to wait for without a rate, but other calls get their turn between two steps.
    const waitMs = task.maxPerSecond === undefined ? 0 : Math.max(STEP_MS, 1000 / task.maxPerSecond);
    timers.set(task, setTimeout(() => step(task), waitMs).unref());
  }

  function step(task: MoveTask): void {
    let allowance = MESSAGES_PER_STEP;
    if (task.maxPerSecond !== undefined) {
      allowance = Math.floor(((now() - task.startedAt) / 1000) * task.maxPerSecond) - task.moved;
    }
    const destinations = new Set<Queue>();
    while (task.status === "RUNNING" && allowance-- > 0) {
      const plan = planMove(task);
      if ("end" in plan) {
        end(task, plan.end, plan.reason);
        break;
      }
      move(plan);
      task.moved++;
      destinations.add(plan.destination);
    }
    for (const { mailbox } of destinations) mailbox.wake();
    if (task.status === "RUNNING") schedule(task);
    else timers.delete(task);
  }

  function planMove(task: MoveTask): Move | Ending {
    const source = queues.findByArn(task.sourceArn);
    if (!source) return { end: "FAILED", reason: NO_QUEUE };
    const message = task.moved < task.toMove ? source.mailbox.firstReady() : undefined;
    if (!message) return { end: "COMPLETED" };
    const destinationArn = task.destinationArn ?? message.deadLetterSource;
    // Sent here directly, not by redrive: there is no source to go back to.
    if (destinationArn === undefined) return { end: "FAILED", reason: "CouldNotDetermineMessageSource" };
    const destination = queues.findByArn(destinationArn);
    return destination ? { source, message, destination } : { end: "FAILED", reason: NO_QUEUE };
  }

  function move({ source, message, destination }: Move): void {
    source.mailbox.take(message);
    const delayMs = destination.settings.numbers.DelaySeconds * 1000;
    destination.mailbox.add({ ...message.content, id: randomUUID(), sentAt: now() }, { delayMs });
  }

  function end(task: MoveTask, status: MoveTaskStatus, failureReason?: string): void {
    clearTimeout(timers.get(task));
    timers.delete(task);
    task.status = status;
    task.failureReason = failureReason;
    changed();
  }

  function tasksOf(sourceArn: string): MoveTask[] {
    if (!queues.findByArn(sourceArn)) throw resourceNotFound("The queue of SourceArn");
    return tasks.get(sourceArn) ?? [];
  }

  return {
    start({ sourceArn, destinationArn, maxPerSecond }) {
      const running = tasksOf(sourceArn).some(({ status }) => status === "RUNNING");
      if (destinationArn !== undefined && !queues.findByArn(destinationArn)) {
        throw resourceNotFound("The queue of DestinationArn");
      }
      if (destinationArn === sourceArn) throw invalidParameter("DestinationArn", "it is the source");
      if (queues.sourcesOf(sourceArn).length === 0) {
        throw invalidParameter("SourceArn", "the queue is no dead-letter queue of another");
      }
      if (running) throw invalidParameter("SourceArn", "a task is running on it already");
      const toMove = queues.findByArn(sourceArn)?.mailbox.counts().ready ?? 0;
      const startedAt = now();
      const progress = { startedAt, toMove, moved: 0, status: "RUNNING", failureReason: undefined } as const;
      const task: MoveTask = { id: randomUUID(), sourceArn, destinationArn, maxPerSecond, ...progress };
      add(task);
      return handleOf(task);
    },
    list: (sourceArn) => tasksOf(sourceArn).toReversed(),
    cancel(taskHandle) {
      const { id, sourceArn } = readHandle(taskHandle);
      const task = tasksOf(sourceArn).find((candidate) => candidate.id === id);
      if (!task) throw resourceNotFound("The task");
      if (task.status !== "RUNNING") throw unsupported("Only a running task can be cancelled.");
      end(task, "CANCELLED");
      return task;
    },
    handleOf,
    all: () => [...tasks.values()].flat(),
    restore: add,
    close() {
      for (const timer of timers.values()) clearTimeout(timer);
      timers.clear();
    },
  };
}

const NO_QUEUE = "AWS.SimpleQueueService.NonExistentQueue";

function handleOf({ id, sourceArn }: MoveTask): string {
  return Buffer.from(JSON.stringify({ taskId: id, sourceArn })).toString("base64");
}

function readHandle(handle: string): { id: string; sourceArn: string } {
  try {
    const { taskId, sourceArn } = JSON.parse(Buffer.from(handle, "base64").toString("utf8"));
    if (typeof taskId === "string" && typeof sourceArn === "string") return { id: taskId, sourceArn };
  } catch {
    // Reported below.
  }
  throw invalidParameter("TaskHandle", "it is no handle of a task");
}
