/** Queues, messages and move tasks as they are kept in `sqs.json`, and back. The file holds message bodies. */
import type { JsonObject } from "../service.ts";
import { AwsFault } from "../service.ts";
import {
  storedList,
  storedNumber,
  storedObject,
  storedOptional,
  storedText,
  unreadable,
} from "../state/stored-json.ts";
import type { MessageState, QueuedMessage } from "./message.ts";
import { checkMessageAttributes } from "./message-attributes.ts";
import type { MoveTask, MoveTaskStatus, MoveTasks } from "./move-tasks.ts";
import type { Queue } from "./queue.ts";
import type { QueueDirectory } from "./queue-directory.ts";
import { changeSettings, DEFAULT_SETTINGS, describeSettings } from "./queue-settings.ts";

const VERSION = 1;

export interface StoredParts {
  readonly region: string;
  readonly accountId: string;
  readonly queues: QueueDirectory;
  readonly moveTasks: MoveTasks;
}

export function storeQueues({ region, accountId, queues, moveTasks }: StoredParts): JsonObject {
  return {
    version: VERSION,
    region,
    accountId,
    queues: queues.list().map(storeQueue),
    deleted: [...queues.deletions()].map(([name, at]) => ({ name, at })),
    moveTasks: moveTasks.all().map((task) => ({ ...task })),
  };
}

/** Fills an empty directory. Throws LOCAL_AWS_STATE_UNREADABLE. */
export function restoreQueues({ region, accountId, queues, moveTasks }: StoredParts, stored: JsonObject): void {
  if (stored.version !== VERSION) throw unreadable("sqs.json is of another version");
  if (stored.accountId !== accountId) throw unreadable("sqs.json belongs to another account id");
  if (stored.region !== region) throw unreadable("sqs.json belongs to another Region");
  for (const entry of storedList(stored.queues, "queues")) restoreQueue(queues, entry);
  for (const entry of storedList(stored.deleted, "deleted")) {
    queues.restoreDeletion(storedText(entry, "name"), storedNumber(entry, "at"));
  }
  for (const entry of storedList(stored.moveTasks, "moveTasks")) moveTasks.restore(restoreMoveTask(entry));
}

function storeQueue(queue: Queue): JsonObject {
  const { id, name, arn, createdAt, modifiedAt, purgedAt, settings, tags, mailbox } = queue;
  return {
    id,
    name,
    arn,
    createdAt,
    modifiedAt,
    purgedAt,
    attributes: Object.fromEntries(describeSettings(settings)),
    tags: Object.fromEntries(tags),
    messages: Array.from(mailbox.messages(), storeMessage),
  };
}

function restoreQueue(queues: QueueDirectory, from: JsonObject): void {
  const queue = queues.restore({
    id: storedText(from, "id"),
    name: storedText(from, "name"),
    arn: storedText(from, "arn"),
    createdAt: storedNumber(from, "createdAt"),
    settings: readable("attributes", () => changeSettings(DEFAULT_SETTINGS, storedTexts(from, "attributes"))),
  });
  queue.modifiedAt = storedNumber(from, "modifiedAt");
  queue.purgedAt = storedOptional(from, "purgedAt", storedNumber);
  for (const [key, value] of storedTexts(from, "tags")) queue.tags.set(key, value);
  for (const entry of storedList(from.messages, "messages")) {
    queue.mailbox.restore(restoreMessage(entry), storedOptional(entry, "wakeAt", storedNumber));
  }
}

function storeMessage(message: QueuedMessage): JsonObject {
  const { content, state, receiveCount, receivesHere, firstReceivedAt, lastReceivedAt, deadLetterSource } = message;
  const { id, body, bodyMd5, attributes, traceHeader, groupId, sentAt } = content;
  return {
    id,
    body,
    bodyMd5,
    attributes,
    traceHeader,
    groupId,
    sentAt,
    state,
    // A point in time: what is hidden becomes visible then, also when nothing runs in between.
    wakeAt: message.wake?.dueAt,
    receiveCount,
    receivesHere,
    firstReceivedAt,
    lastReceivedAt,
    deadLetterSource,
  };
}

function restoreMessage(from: JsonObject): QueuedMessage {
  const attributes = storedOptional(from, "attributes", (_, member) =>
    readable("attributes", () => checkMessageAttributes(Object.entries(storedObject(from[member], member)))),
  );
  return {
    content: {
      id: storedText(from, "id"),
      body: storedText(from, "body"),
      bodyMd5: storedText(from, "bodyMd5"),
      attributes,
      traceHeader: storedOptional(from, "traceHeader", storedText),
      groupId: storedOptional(from, "groupId", storedText),
      sentAt: storedNumber(from, "sentAt"),
    },
    deadLetterSource: storedOptional(from, "deadLetterSource", storedText),
    state: storedState(from),
    receiveCount: storedNumber(from, "receiveCount"),
    receivesHere: storedNumber(from, "receivesHere"),
    firstReceivedAt: storedOptional(from, "firstReceivedAt", storedNumber),
    lastReceivedAt: storedOptional(from, "lastReceivedAt", storedNumber),
    wake: undefined,
    age: undefined,
    previous: undefined,
    next: undefined,
  };
}

function restoreMoveTask(from: JsonObject): MoveTask {
  return {
    id: storedText(from, "id"),
    sourceArn: storedText(from, "sourceArn"),
    destinationArn: storedOptional(from, "destinationArn", storedText),
    maxPerSecond: storedOptional(from, "maxPerSecond", storedNumber),
    startedAt: storedNumber(from, "startedAt"),
    toMove: storedNumber(from, "toMove"),
    moved: storedNumber(from, "moved"),
    status: storedStatus(from),
    failureReason: storedOptional(from, "failureReason", storedText),
  };
}

function storedState(from: JsonObject): MessageState {
  const state = storedText(from, "state");
  if (state === "ready" || state === "delayed" || state === "in-flight") return state;
  throw unreadable("a message is in an unknown state");
}

function storedStatus(from: JsonObject): MoveTaskStatus {
  const status = storedText(from, "status");
  const known = (["RUNNING", "COMPLETED", "FAILED", "CANCELLED"] as const).find((candidate) => candidate === status);
  if (!known) throw unreadable("a move task has an unknown status");
  return known;
}

function storedTexts(from: JsonObject, member: string): [string, string][] {
  const texts = storedObject(from[member], member);
  return Object.keys(texts).map((key) => [key, storedText(texts, key)]);
}

/** What a request would be refused for makes a state file unreadable. */
function readable<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof AwsFault) throw unreadable(`${what} are not valid`, error);
    throw error;
  }
}
