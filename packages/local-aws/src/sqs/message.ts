/** A message, and what a queue knows of one that lies in it. */
import type { JsonObject } from "../service.ts";
import type { HeapNode } from "./due-heap.ts";

/** What a producer sent. It stays the same when the message moves to a dead-letter queue. */
export interface MessageContent {
  readonly id: string;
  readonly body: string;
  readonly bodyMd5: string;
  /** As they came over the wire: `{ name: { DataType, StringValue | BinaryValue } }`. */
  readonly attributes: Readonly<Record<string, MessageAttribute>> | undefined;
  readonly traceHeader: string | undefined;
  readonly groupId: string | undefined;
  /** Epoch milliseconds. */
  readonly sentAt: number;
}

export interface MessageAttribute extends JsonObject {
  readonly DataType: string;
  readonly StringValue?: string;
  /** Base64. */
  readonly BinaryValue?: string;
}

/** How often and when it was received; carried along to a dead-letter queue. */
export interface ReceiveHistory {
  /** Receives in all queues. */
  readonly receiveCount: number;
  /** Epoch milliseconds. */
  readonly firstReceivedAt: number | undefined;
  /** ARN of the queue that it came from by redrive. */
  readonly deadLetterSource: string | undefined;
}

/**
 * - `ready`: the next receive may take it
 * - `delayed`: sent with a delay that is not over; then `ready`
 * - `in-flight`: received and hidden; `ready` again when its visibility timeout is over
 */
export type MessageState = "ready" | "delayed" | "in-flight";

/** A message in a queue. Only its mailbox changes it. */
export interface QueuedMessage {
  readonly content: MessageContent;
  readonly deadLetterSource: string | undefined;
  state: MessageState;
  receiveCount: number;
  /** Receives in this queue: what maxReceiveCount counts, and the number of the latest receipt. */
  receivesHere: number;
  firstReceivedAt: number | undefined;
  lastReceivedAt: number | undefined;
  /** When a delayed or in-flight one becomes ready. */
  wake: HeapNode<QueuedMessage> | undefined;
  /** Its place by age, for the end of retention. */
  age: HeapNode<QueuedMessage> | undefined;
  /** Its neighbours in the list of ready messages. */
  previous: QueuedMessage | undefined;
  next: QueuedMessage | undefined;
}

/** What one receive asks for. */
export interface ReceiveRequest {
  readonly max: number;
  /** How long what is taken is hidden. */
  readonly visibilityMs: number;
}

/** One receive of one message: values as of that receive. */
export interface Delivery extends ReceiveHistory {
  readonly content: MessageContent;
  readonly receiptHandle: string;
}
