import type { JsonObject } from "../../service.ts";
import { answerBatch, readBatch } from "../batch.ts";
import type { SqsOperation } from "../operation.ts";
import type { Queue } from "../queue.ts";
import { MAX_MESSAGE_BYTES, MAX_VISIBILITY_SECONDS, MAX_WAIT_SECONDS } from "../queue-settings.ts";
import { describeDelivery, readWantedAttributes } from "../received-message.ts";
import { createMessage, measureMessage, requireBody } from "../sent-message.ts";
import { batchTooLong, overLimit } from "../sqs-faults.ts";
import { readInteger, requireInteger, requireText } from "../sqs-input.ts";

export const sendMessage: SqsOperation = ({ queues, now }, input) => {
  const queue = queues.ofRequest(input);
  const answer = send(queue, input, now());
  queue.mailbox.wake();
  return answer;
};

export const sendMessageBatch: SqsOperation = ({ queues, now }, input) => {
  const queue = queues.ofRequest(input);
  const entries = readBatch(input);
  let bytes = 0;
  for (const entry of entries) {
    requireBody(entry.input);
    bytes += measureMessage(entry.input);
  }
  if (bytes > MAX_MESSAGE_BYTES) throw batchTooLong(MAX_MESSAGE_BYTES);
  const sentAt = now();
  const answer = answerBatch(entries, (entry) => send(queue, entry, sentAt));
  // Once for all, so that one long poll gets them together.
  queue.mailbox.wake();
  return answer;
};

function send(queue: Queue, input: JsonObject, sentAt: number): JsonObject {
  const { content, delaySeconds, answer } = createMessage(input, queue.settings, sentAt);
  queue.mailbox.add(content, { delayMs: delaySeconds * 1000 });
  return answer;
}

export const receiveMessage: SqsOperation = async ({ queues, accountId, limits }, input, call) => {
  const { mailbox, settings } = queues.ofRequest(input);
  const { numbers } = settings;
  const wanted = readWantedAttributes(input);
  const visibility = readInteger(input, "VisibilityTimeout", 0, MAX_VISIBILITY_SECONDS) ?? numbers.VisibilityTimeout;
  const request = { max: readInteger(input, "MaxNumberOfMessages", 1, 10) ?? 1, visibilityMs: visibility * 1000 };
  const wait = readInteger(input, "WaitTimeSeconds", 0, MAX_WAIT_SECONDS) ?? numbers.ReceiveMessageWaitTimeSeconds;

  if (wait === 0 && mailbox.counts().inFlight >= limits.inFlightMessages) throw overLimit(limits.inFlightMessages);
  let deliveries = mailbox.receive(request);
  // The signal costs something and is asked for only by those who wait.
  if (deliveries.length === 0 && wait > 0) {
    deliveries = await mailbox.wait(request, { waitMs: wait * 1000, signal: call.signal });
  }
  if (deliveries.length === 0) return {};
  return { Messages: deliveries.map((delivery) => describeDelivery(delivery, wanted, accountId)) };
};

export const deleteMessage: SqsOperation = ({ queues }, input) => {
  remove(queues.ofRequest(input), input);
  return {};
};

export const deleteMessageBatch: SqsOperation = ({ queues }, input) => {
  const queue = queues.ofRequest(input);
  return answerBatch(readBatch(input), (entry) => remove(queue, entry));
};

function remove(queue: Queue, input: JsonObject): JsonObject {
  queue.mailbox.remove(requireText(input, "ReceiptHandle"));
  return {};
}

export const changeMessageVisibility: SqsOperation = ({ queues }, input) => {
  changeVisibility(queues.ofRequest(input), input);
  return {};
};

export const changeMessageVisibilityBatch: SqsOperation = ({ queues }, input) => {
  const queue = queues.ofRequest(input);
  return answerBatch(readBatch(input), (entry) => changeVisibility(queue, entry));
};

function changeVisibility(queue: Queue, input: JsonObject): JsonObject {
  const handle = requireText(input, "ReceiptHandle");
  queue.mailbox.changeVisibility(handle, requireInteger(input, "VisibilityTimeout", 0, MAX_VISIBILITY_SECONDS));
  return {};
}
