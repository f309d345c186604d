import { createMailbox, type Mailbox } from "./mailbox.ts";
import { describeSettings, type QueueSettings } from "./queue-settings.ts";
import { unknownAttribute } from "./sqs-faults.ts";

export interface Queue {
  /** Tells this queue from one of the same name before it; in every receipt handle. */
  readonly id: string;
  readonly name: string;
  readonly arn: string;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  modifiedAt: number;
  purgedAt: number | undefined;
  settings: QueueSettings;
  readonly tags: Map<string, string>;
  readonly mailbox: Mailbox;
}

export interface QueueIdentity {
  readonly id: string;
  readonly name: string;
  readonly arn: string;
  readonly createdAt: number;
  readonly settings: QueueSettings;
}

export interface QueueSurroundings {
  readonly now: () => number;
  readonly changed: () => void;
  readonly maxInFlight: number;
  readonly findByArn: (arn: string) => Queue | undefined;
}

export function createQueue(identity: QueueIdentity, surroundings: QueueSurroundings): Queue {
  const { id, name, arn, createdAt, settings } = identity;
  const { now, changed, maxInFlight, findByArn } = surroundings;
  const queue: Queue = {
    id,
    name,
    arn,
    createdAt,
    modifiedAt: createdAt,
    purgedAt: undefined,
    settings,
    tags: new Map(),
    mailbox: createMailbox({
      queueId: id,
      maxInFlight,
      now,
      settings: () => queue.settings,
      changed,
      deadLetterTarget() {
        const target = queue.settings.redrive && findByArn(queue.settings.redrive.deadLetterTargetArn);
        return target && { mailbox: target.mailbox, sourceArn: arn };
      },
    }),
  };
  return queue;
}

const READ_ONLY = [
  "ApproximateNumberOfMessages",
  "ApproximateNumberOfMessagesDelayed",
  "ApproximateNumberOfMessagesNotVisible",
  "CreatedTimestamp",
  "LastModifiedTimestamp",
  "QueueArn",
];

const SETTABLE = [
  "DelaySeconds",
  "KmsDataKeyReusePeriodSeconds",
  "KmsMasterKeyId",
  "MaximumMessageSize",
  "MessageRetentionPeriod",
  "Policy",
  "ReceiveMessageWaitTimeSeconds",
  "RedriveAllowPolicy",
  "RedrivePolicy",
  "SqsManagedSseEnabled",
  "VisibilityTimeout",
];

/** A standard queue has none of these; asking for them is no error. */
const FIFO_ONLY = ["ContentBasedDeduplication", "DeduplicationScope", "FifoQueue", "FifoThroughputLimit"];

const KNOWN = new Set(["All", ...READ_ONLY, ...SETTABLE, ...FIFO_ONLY]);

/** The attributes asked for that the queue has; `All` for every one. Throws InvalidAttributeName. */
export function describeQueue(queue: Queue, names: readonly string[]): Record<string, string> {
  const unknown = names.find((name) => !KNOWN.has(name));
  if (unknown !== undefined) throw unknownAttribute(unknown);
  const { ready, delayed, inFlight } = queue.mailbox.counts();
  const all = describeSettings(queue.settings)
    .set("ApproximateNumberOfMessages", String(ready))
    .set("ApproximateNumberOfMessagesDelayed", String(delayed))
    .set("ApproximateNumberOfMessagesNotVisible", String(inFlight))
    .set("CreatedTimestamp", seconds(queue.createdAt))
    .set("LastModifiedTimestamp", seconds(queue.modifiedAt))
    .set("QueueArn", queue.arn);
  return Object.fromEntries([...all].filter(([name]) => names.includes("All") || names.includes(name)));
}

function seconds(epochMs: number): string {
  return String(Math.floor(epochMs / 1000));
}
