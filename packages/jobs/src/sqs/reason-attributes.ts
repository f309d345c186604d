/** How a rejected message says why: message attributes beside its unchanged body. */

import type { MessageAttributeValue } from "@aws-sdk/client-sqs";
import { safeText } from "../contracts/safe-text.ts";
import type { Rejection } from "../errors.ts";

export const reasonAttributeNames = ["ReasonCode", "ReasonMessage", "JobId", "RecordId", "SourceQueue"] as const;

type Attributes = Record<string, MessageAttributeValue>;

/** SQS's own limits. */
const maxAttributes = 10;
export const MAX_SQS_MESSAGE_BYTES = 1_048_576;

export interface RejectedBody {
  readonly body: string;
  /** What the message carried before. */
  readonly attributes: Readonly<Attributes>;
  readonly reason: Omit<Rejection, "code"> & { readonly code: string };
  readonly sourceArn: string;
}

/**
 * The attributes that fit beside the body, the most telling first. Undefined
 * where not even the reason code fits.
 */
export function reasonAttributes({ body, attributes, reason, sourceArn }: RejectedBody): Attributes | undefined {
  const room = MAX_SQS_MESSAGE_BYTES - Buffer.byteLength(body);
  const wanted: [string, MessageAttributeValue][] = [
    ...present("ReasonCode", reason.code),
    ...present("SourceQueue", sourceArn),
    ...present("JobId", reason.jobId),
    ...present("RecordId", reason.recordId),
    ...present("ReasonMessage", reason.message),
    ...Object.entries(attributes).filter(([name]) => !isReasonAttribute(name)),
  ];
  const fitting: [string, MessageAttributeValue][] = [];
  let bytes = 0;
  for (const [name, value] of wanted.slice(0, maxAttributes)) {
    const size = attributeBytes(name, value);
    if (bytes + size > room) break;
    bytes += size;
    fitting.push([name, value]);
  }
  return fitting.length === 0 ? undefined : Object.fromEntries(fitting);
}

export function isReasonAttribute(name: string): boolean {
  return (reasonAttributeNames as readonly string[]).includes(name);
}

/** The attributes as the message had them before it was rejected. */
export function withoutReason(attributes: Readonly<Attributes>): Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => !isReasonAttribute(name)));
}

/** What SQS counts toward the size of a message. */
export function attributeBytes(name: string, value: MessageAttributeValue): number {
  const content = value.BinaryValue?.length ?? Buffer.byteLength(value.StringValue ?? "");
  return Buffer.byteLength(name) + Buffer.byteLength(value.DataType ?? "") + content;
}

/** A body that SQS takes: it cannot have delivered another, but what stands in front of it might. */
export function carriable(body: string): string {
  return body.toWellFormed().replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, "\uFFFD");
}

function present(name: string, text: string | undefined): [string, MessageAttributeValue][] {
  const value = text === undefined ? "" : safeText(text);
  return value === "" ? [] : [[name, { DataType: "String", StringValue: value }]];
}
