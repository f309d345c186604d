/** From a SendMessage request, or one entry of a batch, to a message. */
import { hash, randomUUID } from "node:crypto";
import type { JsonObject } from "../service.ts";
import { isJsonObject } from "../state/stored-json.ts";
import type { MessageContent } from "./message.ts";
import { attributeBytes, attributesMd5, checkMessageAttributes, isAllowedText } from "./message-attributes.ts";
import { MAX_DELAY_SECONDS, type QueueSettings } from "./queue-settings.ts";
import { invalidMessageContents, invalidParameter, missingParameter } from "./sqs-faults.ts";
import { readInteger, readMap, readText } from "./sqs-input.ts";

export interface SentMessage {
  readonly content: MessageContent;
  readonly delaySeconds: number;
  /** What the producer is answered. */
  readonly answer: JsonObject;
}

/** Throws MissingParameter, InvalidParameterValue or InvalidMessageContents. */
export function createMessage(input: JsonObject, settings: QueueSettings, now: number): SentMessage {
  const body = requireBody(input);
  if (!isAllowedText(body)) throw invalidMessageContents();
  const attributes = checkMessageAttributes(readMap(input, "MessageAttributes"));
  const { MaximumMessageSize, DelaySeconds } = settings.numbers;
  if (Buffer.byteLength(body) + attributeBytes(attributes) > MaximumMessageSize) {
    throw invalidParameter("MessageBody", `the message must be at most ${MaximumMessageSize} bytes long`);
  }
  if (readText(input, "MessageDeduplicationId") !== undefined) {
    throw invalidParameter("MessageDeduplicationId", "it is for FIFO queues only");
  }
  const content: MessageContent = {
    id: randomUUID(),
    body,
    bodyMd5: hash("md5", body, "hex"),
    attributes,
    traceHeader: readTraceHeader(input),
    groupId: readGroupId(input),
    sentAt: now,
  };
  const delaySeconds = readInteger(input, "DelaySeconds", 0, MAX_DELAY_SECONDS) ?? DelaySeconds;
  return { content, delaySeconds, answer: describe(content) };
}

export function requireBody(input: JsonObject): string {
  const body = readText(input, "MessageBody");
  if (body === undefined || body === "") throw missingParameter("MessageBody");
  return body;
}

/** The size that counts towards the limits: body and attributes, in bytes. Zero for what is not well-formed. */
export function measureMessage(input: JsonObject): number {
  const body = typeof input.MessageBody === "string" ? Buffer.byteLength(input.MessageBody) : 0;
  try {
    return body + attributeBytes(checkMessageAttributes(readMap(input, "MessageAttributes")));
  } catch {
    return body;
  }
}

function describe({ id, bodyMd5, attributes, traceHeader }: MessageContent): JsonObject {
  const traceAttribute = traceHeader && { AWSTraceHeader: { DataType: "String", StringValue: traceHeader } };
  return {
    MessageId: id,
    MD5OfMessageBody: bodyMd5,
    ...(attributes && { MD5OfMessageAttributes: attributesMd5(attributes) }),
    ...(traceAttribute && { MD5OfMessageSystemAttributes: attributesMd5(traceAttribute) }),
  };
}

/** The one system attribute that can be sent. */
function readTraceHeader(input: JsonObject): string | undefined {
  const [first, ...more] = readMap(input, "MessageSystemAttributes");
  if (!first) return undefined;
  const [name, attribute] = first;
  if (name !== "AWSTraceHeader" || more.length > 0) throw invalidSystemAttribute("AWSTraceHeader is the only one");
  const { DataType, StringValue } = isJsonObject(attribute) ? attribute : {};
  if (DataType !== "String" || typeof StringValue !== "string" || StringValue === "" || !isAllowedText(StringValue)) {
    throw invalidSystemAttribute("AWSTraceHeader must be of type String and not empty");
  }
  return StringValue;
}

function invalidSystemAttribute(reason: string) {
  return invalidParameter("MessageSystemAttributes", reason);
}

/** On a standard queue it asks for fairness between groups; here it is kept and given back. */
function readGroupId(input: JsonObject): string | undefined {
  const groupId = readText(input, "MessageGroupId");
  if (groupId !== undefined && !/^[\x21-\x7e]{1,128}$/.test(groupId)) {
    throw invalidParameter("MessageGroupId", "it must be 1 to 128 letters, digits and punctuation characters");
  }
  return groupId;
}
