/** Message attributes: what may be sent, how large they are, and their digest. */
import { hash } from "node:crypto";
import { isJsonObject } from "../state/stored-json.ts";
import type { MessageAttribute } from "./message.ts";
import { invalidParameter } from "./sqs-faults.ts";

export type MessageAttributes = Readonly<Record<string, MessageAttribute>>;

const MAX_ATTRIBUTES = 10;
const MAX_NAME_LENGTH = 256;

/** Whether SQS takes this text: the characters that XML 1.0 allows. Lone surrogates are none of them. */
export function isAllowedText(text: string): boolean {
  return !/[^\t\n\r -\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u.test(text);
}

/** Checks attributes as they came over the wire. Throws InvalidParameterValue. */
export function checkMessageAttributes(entries: readonly [string, unknown][]): MessageAttributes | undefined {
  if (entries.length === 0) return undefined;
  if (entries.length > MAX_ATTRIBUTES) throw invalid(`a message has at most ${MAX_ATTRIBUTES} attributes`);
  return Object.fromEntries(entries.map(([name, value]) => [checkName(name), checkAttribute(value)]));
}

/** What attributes add to the size of a message: names, types and values, in bytes. */
export function attributeBytes(attributes: MessageAttributes | undefined): number {
  let bytes = 0;
  for (const [name, attribute] of Object.entries(attributes ?? {})) {
    bytes += Buffer.byteLength(name) + Buffer.byteLength(attribute.DataType) + bytesOf(attribute).length;
  }
  return bytes;
}

/**
 * MD5OfMessageAttributes: over the attributes in ascending order of their names,
 * each as name, type, one byte for the transport (1 text, 2 binary) and value;
 * name, type and value with their length in front (4 bytes, big-endian).
 * Source: SQS Developer Guide, "Calculating the MD5 message digest for message attributes".
 */
export function attributesMd5(attributes: MessageAttributes): string {
  const parts: Buffer[] = [];
  for (const name of Object.keys(attributes).sort()) {
    const attribute = attributes[name];
    if (!attribute) continue;
    const transport = attribute.BinaryValue === undefined ? 1 : 2;
    parts.push(...sized(Buffer.from(name)), ...sized(Buffer.from(attribute.DataType)));
    parts.push(Buffer.of(transport), ...sized(bytesOf(attribute)));
  }
  return hash("md5", Buffer.concat(parts), "hex");
}

function sized(bytes: Buffer): [Buffer, Buffer] {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return [length, bytes];
}

function bytesOf(attribute: MessageAttribute): Buffer {
  return attribute.BinaryValue === undefined
    ? Buffer.from(attribute.StringValue ?? "")
    : Buffer.from(attribute.BinaryValue, "base64");
}

function checkName(name: string): string {
  const allowed = name.length >= 1 && name.length <= MAX_NAME_LENGTH && /^[\w-]+(\.[\w-]+)*$/.test(name);
  if (!allowed || /^(aws|amazon)\./i.test(name)) throw invalid("an attribute's name is not allowed");
  return name;
}

function checkAttribute(value: unknown): MessageAttribute {
  if (!isJsonObject(value)) throw invalid("an attribute must be a structure");
  const { DataType, StringValue, BinaryValue, StringListValues, BinaryListValues } = value;
  if (StringListValues || BinaryListValues) throw invalid("lists are not supported as values of attributes");
  if (typeof DataType !== "string" || DataType.length > 256 || !isAllowedText(DataType)) {
    throw invalid("an attribute must have a DataType");
  }
  const kind = /^(String|Number|Binary)(\..+)?$/s.exec(DataType)?.[1];
  if (kind === undefined) throw invalid("DataType must be String, Number or Binary, or start so");
  if (kind === "Binary") {
    if (typeof BinaryValue !== "string" || BinaryValue === "" || (StringValue ?? "") !== "") {
      throw invalid("an attribute of type Binary must have a BinaryValue only, and not an empty one");
    }
    return { DataType, BinaryValue };
  }
  if (typeof StringValue !== "string" || StringValue === "" || (BinaryValue ?? "") !== "") {
    throw invalid(`an attribute of type ${kind} must have a StringValue only, and not an empty one`);
  }
  if (!isAllowedText(StringValue)) throw invalid("an attribute's value has characters that are not allowed");
  if (kind === "Number" && !/^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*$/.test(StringValue)) {
    throw invalid("an attribute of type Number must have a number as its value");
  }
  return { DataType, StringValue };
}

function invalid(reason: string) {
  return invalidParameter("MessageAttributes", reason);
}
