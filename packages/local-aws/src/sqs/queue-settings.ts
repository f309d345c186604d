/**
 * What can be set on a queue. SQS speaks of attributes, all of them text; here
 * they are parsed once, and written as text again when somebody asks.
 *
 * KmsMasterKeyId and SqsManagedSseEnabled are kept and shown; nothing is encrypted here.
 */
import { isJsonObject } from "../state/stored-json.ts";
import {
  parseRedriveAllowPolicy,
  parseRedrivePolicy,
  type RedriveAllowPolicy,
  type RedrivePolicy,
} from "./redrive-policy.ts";
import { invalidAttributeName, invalidAttributeValue, unknownAttribute, unsupported } from "./sqs-faults.ts";

export interface QueueSettings {
  readonly numbers: Readonly<Record<NumberAttribute, number>>;
  readonly redrive: RedrivePolicy | undefined;
  readonly redriveAllow: RedriveAllowPolicy | undefined;
  /** Kept, never evaluated. */
  readonly policy: string | undefined;
  readonly kmsKeyId: string | undefined;
  readonly sqsManagedSse: boolean;
}

type NumberAttribute = keyof typeof NUMBERS;

export const MAX_MESSAGE_BYTES = 1_048_576;
export const MAX_VISIBILITY_SECONDS = 43_200;
export const MAX_DELAY_SECONDS = 900;
export const MAX_WAIT_SECONDS = 20;

const NUMBERS = {
  DelaySeconds: { min: 0, max: MAX_DELAY_SECONDS, fallback: 0 },
  MaximumMessageSize: { min: 1024, max: MAX_MESSAGE_BYTES, fallback: MAX_MESSAGE_BYTES },
  MessageRetentionPeriod: { min: 60, max: 1_209_600, fallback: 345_600 },
  ReceiveMessageWaitTimeSeconds: { min: 0, max: MAX_WAIT_SECONDS, fallback: 0 },
  VisibilityTimeout: { min: 0, max: MAX_VISIBILITY_SECONDS, fallback: 30 },
  KmsDataKeyReusePeriodSeconds: { min: 60, max: 86_400, fallback: 300 },
};

const FIFO_ATTRIBUTES = ["ContentBasedDeduplication", "DeduplicationScope", "FifoThroughputLimit"];

export const DEFAULT_SETTINGS: QueueSettings = {
  numbers: {
    DelaySeconds: NUMBERS.DelaySeconds.fallback,
    MaximumMessageSize: NUMBERS.MaximumMessageSize.fallback,
    MessageRetentionPeriod: NUMBERS.MessageRetentionPeriod.fallback,
    ReceiveMessageWaitTimeSeconds: NUMBERS.ReceiveMessageWaitTimeSeconds.fallback,
    VisibilityTimeout: NUMBERS.VisibilityTimeout.fallback,
    KmsDataKeyReusePeriodSeconds: NUMBERS.KmsDataKeyReusePeriodSeconds.fallback,
  },
  redrive: undefined,
  redriveAllow: undefined,
  policy: undefined,
  kmsKeyId: undefined,
  sqsManagedSse: true,
};

/**
 * The settings with some attributes changed. Whether a dead-letter queue exists
 * is for the directory to check. Throws InvalidAttributeName,
 * InvalidAttributeValue, InvalidParameterValue, or UnsupportedOperation for a FIFO queue.
 */
export function changeSettings(settings: QueueSettings, changes: readonly [string, string][]): QueueSettings {
  let changed = settings;
  for (const [name, value] of changes) changed = { ...changed, ...changeOne(changed, name, value) };
  const named = new Map(changes);
  const keyGiven = Boolean(named.get("KmsMasterKeyId"));
  if (named.get("SqsManagedSseEnabled") === "true" && changed.kmsKeyId !== undefined) {
    throw invalidAttributeName("A queue has one kind of server-side encryption: by a KMS key or by SQS's own.");
  }
  return keyGiven ? { ...changed, sqsManagedSse: false } : changed;
}

/** All attributes that are set, as text. */
export function describeSettings(settings: QueueSettings): Map<string, string> {
  const { numbers, redrive, redriveAllow, policy, kmsKeyId, sqsManagedSse } = settings;
  const described = new Map<string, string>();
  for (const name of Object.keys(NUMBERS).filter(isNumberAttribute)) {
    if (name !== "KmsDataKeyReusePeriodSeconds" || kmsKeyId !== undefined) described.set(name, String(numbers[name]));
  }
  if (redrive) described.set("RedrivePolicy", JSON.stringify(redrive));
  if (redriveAllow) described.set("RedriveAllowPolicy", JSON.stringify(redriveAllow));
  if (policy !== undefined) described.set("Policy", policy);
  if (kmsKeyId !== undefined) described.set("KmsMasterKeyId", kmsKeyId);
  return described.set("SqsManagedSseEnabled", String(sqsManagedSse));
}

/** The first of these attributes that the settings have with another value, if any. */
export function findDifference(settings: QueueSettings, wanted: readonly [string, string][]): string | undefined {
  const before = describeSettings(settings);
  const after = describeSettings(changeSettings(settings, wanted));
  return wanted.map(([name]) => name).find((name) => before.get(name) !== after.get(name));
}

function changeOne(settings: QueueSettings, name: string, value: string): Partial<QueueSettings> {
  if (isNumberAttribute(name)) return { numbers: { ...settings.numbers, [name]: parseNumber(name, value) } };
  switch (name) {
    case "RedrivePolicy":
      return { redrive: parseRedrivePolicy(value) };
    case "RedriveAllowPolicy":
      return { redriveAllow: parseRedriveAllowPolicy(value) };
    case "Policy":
      return { policy: parsePolicy(value) };
    case "KmsMasterKeyId":
      return { kmsKeyId: value === "" ? undefined : value };
    case "SqsManagedSseEnabled":
      return { sqsManagedSse: parseFlag(name, value) };
    case "FifoQueue":
      if (value === "true") throw fifoUnsupported();
      throw unknownAttribute(name);
    default:
      if (FIFO_ATTRIBUTES.includes(name)) throw invalidAttributeName(`${name} is for FIFO queues only.`);
      throw unknownAttribute(name);
  }
}

export function fifoUnsupported() {
  return unsupported("FIFO queues are not part of this embedded SQS.");
}

function isNumberAttribute(name: string): name is NumberAttribute {
  return Object.hasOwn(NUMBERS, name);
}

function parseNumber(name: NumberAttribute, value: string): number {
  const { min, max, fallback } = NUMBERS[name];
  if (value === "") return fallback;
  const number = Number(value);
  if (!/^\d{1,9}$/.test(value) || number < min || number > max) {
    throw invalidAttributeValue(name, `be a whole number from ${min} to ${max}`);
  }
  return number;
}

function parseFlag(name: string, value: string): boolean {
  if (value !== "true" && value !== "false") throw invalidAttributeValue(name, "be true or false");
  return value === "true";
}

function parsePolicy(value: string): string | undefined {
  if (value === "") return undefined;
  try {
    const parsed: unknown = JSON.parse(value);
    if (isJsonObject(parsed)) return value;
  } catch {
    // Reported below, without the parser's message: it would quote the input.
  }
  throw invalidAttributeValue("Policy", "be a JSON object");
}
