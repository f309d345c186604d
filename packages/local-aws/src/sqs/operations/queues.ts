import type { AwsCall, JsonObject } from "../../service.ts";
import type { SqsContext, SqsOperation } from "../operation.ts";
import { describeQueue, type Queue } from "../queue.ts";
import { purgeInProgress } from "../sqs-faults.ts";
import { readInteger, readText, readTextMap, readTexts, requireText } from "../sqs-input.ts";

export const createQueue: SqsOperation = ({ queues, accountId, changed }, input, call) => {
  const name = requireText(input, "QueueName");
  const tags = readTextMap(input, "tags");
  const { queue, created } = queues.create(name, readTextMap(input, "Attributes"));
  if (created && tags.length > 0) {
    for (const [key, value] of tags) queue.tags.set(key, value);
    changed();
  }
  return { QueueUrl: urlOf(queue, accountId, call) };
};

export const deleteQueue: SqsOperation = ({ queues }, input) => {
  queues.delete(queues.ofRequest(input));
  return {};
};

export const getQueueUrl: SqsOperation = ({ queues, accountId }, input, call) => ({
  QueueUrl: urlOf(queues.get(requireText(input, "QueueName")), accountId, call),
});

export const listQueues: SqsOperation = (context, input, call) => {
  const prefix = readText(input, "QueueNamePrefix") ?? "";
  const { urls, nextToken } = page(
    context.queues.list().filter((queue) => queue.name.startsWith(prefix)),
    context,
    input,
    call,
  );
  return { ...(urls.length > 0 && { QueueUrls: urls }), NextToken: nextToken };
};

export const listDeadLetterSourceQueues: SqsOperation = (context, input, call) => {
  const { queues } = context;
  const { urls, nextToken } = page(queues.sourcesOf(queues.ofRequest(input).arn), context, input, call);
  // A lower-case member, unlike ListQueues: so it is in SQS's model.
  return { queueUrls: urls, NextToken: nextToken };
};

export const getQueueAttributes: SqsOperation = ({ queues }, input) => {
  const attributes = describeQueue(queues.ofRequest(input), readTexts(input, "AttributeNames"));
  return Object.keys(attributes).length > 0 ? { Attributes: attributes } : {};
};

export const setQueueAttributes: SqsOperation = ({ queues }, input) => {
  const queue = queues.ofRequest(input);
  queues.change(queue, readTextMap(input, "Attributes"));
  // A shorter retention may have ended some, a lower receive count counts from now on.
  queue.mailbox.wake();
  return {};
};

export const purgeQueue: SqsOperation = ({ queues, limits, now }, input) => {
  const queue = queues.ofRequest(input);
  if (queue.purgedAt !== undefined && now() < queue.purgedAt + limits.purgeEveryMs) {
    throw purgeInProgress(limits.purgeEveryMs / 1000);
  }
  queue.purgedAt = now();
  queue.mailbox.clear();
  return {};
};

export const tagQueue: SqsOperation = ({ queues, changed }, input) => {
  const { tags } = queues.ofRequest(input);
  for (const [key, value] of readTextMap(input, "Tags")) tags.set(key, value);
  changed();
  return {};
};

export const untagQueue: SqsOperation = ({ queues, changed }, input) => {
  const { tags } = queues.ofRequest(input);
  for (const key of readTexts(input, "TagKeys")) tags.delete(key);
  changed();
  return {};
};

export const listQueueTags: SqsOperation = ({ queues }, input) => {
  const { tags } = queues.ofRequest(input);
  return tags.size > 0 ? { Tags: Object.fromEntries(tags) } : {};
};

/** By the address that the client used: it finds the queue there again. */
function urlOf(queue: Queue, accountId: string, { baseUrl }: AwsCall): string {
  return `${baseUrl}/${accountId}/${queue.name}`;
}

const MAX_RESULTS = 1000;

/** A page in the order of names. As in SQS, there is a next page only for who gives MaxResults. */
function page(
  all: readonly Queue[],
  { accountId }: SqsContext,
  input: JsonObject,
  call: AwsCall,
): { urls: string[]; nextToken: string | undefined } {
  const size = readInteger(input, "MaxResults", 1, MAX_RESULTS);
  const token = readText(input, "NextToken");
  const after = token === undefined ? "" : Buffer.from(token, "base64url").toString("utf8");
  const rest = all.filter(({ name }) => name > after);
  const shown = rest.slice(0, size ?? MAX_RESULTS);
  const last = shown.at(-1);
  const more = size !== undefined && last !== undefined && rest.length > shown.length;
  return {
    urls: shown.map((queue) => urlOf(queue, accountId, call)),
    nextToken: more ? Buffer.from(last.name).toString("base64url") : undefined,
  };
}
