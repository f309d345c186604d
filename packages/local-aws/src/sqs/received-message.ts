/** From a delivery to what ReceiveMessage answers. */
import type { JsonObject } from "../service.ts";
import type { Delivery, MessageAttribute } from "./message.ts";
import { attributesMd5 } from "./message-attributes.ts";
import { readTexts } from "./sqs-input.ts";

/** What a receive asks for besides body and ids. */
export interface WantedAttributes {
  /** Names of system attributes; `All` for every one. */
  readonly system: readonly string[];
  /** Names of message attributes; `All`, `.*` and prefixes such as `trace.*`. */
  readonly message: readonly string[];
}

export function readWantedAttributes(input: JsonObject): WantedAttributes {
  return {
    system: [...readTexts(input, "MessageSystemAttributeNames"), ...readTexts(input, "AttributeNames")],
    message: readTexts(input, "MessageAttributeNames"),
  };
}

export function describeDelivery(delivery: Delivery, wanted: WantedAttributes, senderId: string): JsonObject {
  const { content, receiptHandle } = delivery;
  const attributes = wanted.message.length > 0 ? selectAttributes(content.attributes ?? {}, wanted.message) : undefined;
  return {
    MessageId: content.id,
    ReceiptHandle: receiptHandle,
    MD5OfBody: content.bodyMd5,
    Body: content.body,
    ...(wanted.system.length > 0 && { Attributes: systemAttributes(delivery, wanted.system, senderId) }),
    // The digest is of the attributes that are returned, not of all that were sent.
    ...(attributes && { MD5OfMessageAttributes: attributesMd5(attributes), MessageAttributes: attributes }),
  };
}

/** Unknown names are no error: a message need not have what is asked for. */
function systemAttributes(delivery: Delivery, names: readonly string[], senderId: string): JsonObject | undefined {
  const { content, receiveCount, firstReceivedAt, deadLetterSource } = delivery;
  const all: JsonObject = {
    SenderId: senderId,
    SentTimestamp: String(content.sentAt),
    ApproximateReceiveCount: String(receiveCount),
    ApproximateFirstReceiveTimestamp: String(firstReceivedAt ?? content.sentAt),
    ...(content.traceHeader !== undefined && { AWSTraceHeader: content.traceHeader }),
    ...(content.groupId !== undefined && { MessageGroupId: content.groupId }),
    ...(deadLetterSource !== undefined && { DeadLetterQueueSourceArn: deadLetterSource }),
  };
  if (names.includes("All")) return all;
  const selected = Object.entries(all).filter(([name]) => names.includes(name));
  return selected.length > 0 ? Object.fromEntries(selected) : undefined;
}

function selectAttributes(
  attributes: Readonly<Record<string, MessageAttribute>>,
  names: readonly string[],
): Record<string, MessageAttribute> | undefined {
  const prefixes = names.filter((name) => name.endsWith(".*")).map((name) => name.slice(0, -2));
  const selected = Object.entries(attributes).filter(
    ([name]) => names.includes("All") || names.includes(name) || prefixes.some((prefix) => name.startsWith(prefix)),
  );
  return selected.length > 0 ? Object.fromEntries(selected) : undefined;
}
