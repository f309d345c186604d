/**
 * The messages of one queue: ready, delayed and in flight, and who waits for them.
 *
 * Every operation costs O(log n) or less however many messages there are. Time
 * passes when somebody looks: what is due is moved at the start of each
 * operation, and a timer runs only while a long poll waits for something that
 * will become ready. Timers do not keep the process alive.
 */
import type { Delivery, MessageContent, QueuedMessage, ReceiveHistory, ReceiveRequest } from "./message.ts";
import { MAX_VISIBILITY_SECONDS, type QueueSettings } from "./queue-settings.ts";
import { decodeReceipt, encodeReceipt } from "./receipt-handle.ts";
import { Shelf } from "./shelf.ts";
import { invalidParameter, invalidReceiptHandle, messageNotInflight } from "./sqs-faults.ts";
import { createWaiters } from "./waiters.ts";

export interface Mailbox {
  /** Puts a message in; whoever waits gets it with the next {@link Mailbox.wake}. */
  add(content: MessageContent, options: { delayMs: number; history?: ReceiveHistory }): void;
  /** Hands ready messages to those who wait, in the order in which they came. */
  wake(): void;
  /** Takes up to `max` ready messages and hides them. Fewer where the limit of messages in flight is near. */
  receive(request: ReceiveRequest): Delivery[];
  /**
   * Waits for the first message, after a receive that got none. Resolves to none after `waitMs`, on the signal,
   * or on `close`.
   */
  wait(request: ReceiveRequest, options: { waitMs: number; signal: AbortSignal }): Promise<Delivery[]>;
  /**
   * Deletes the message that the receipt handle was given for, also when it is visible again. A handle that a
   * later receive has replaced deletes nothing, nor does one of a deleted message: SQS lets both succeed.
   * Throws ReceiptHandleIsInvalid for what is no handle of this queue.
   */
  remove(receiptHandle: string): void;
  /**
   * Hides a message in flight for `seconds` from now; 0 makes it ready. Throws ReceiptHandleIsInvalid,
   * InvalidParameterValue for a handle that is no longer current, MessageNotInflight.
   */
  changeVisibility(receiptHandle: string, seconds: number): void;
  /** The message that the next receive would take; `take` it out, or leave it. */
  firstReady(): QueuedMessage | undefined;
  take(message: QueuedMessage): void;
  /** Deletes all messages. */
  clear(): void;
  counts(): { readonly ready: number; readonly delayed: number; readonly inFlight: number };
  /** All messages, the ready ones first and in their order. */
  messages(): Iterable<QueuedMessage>;
  /** Puts a message in as it was when it was saved; `wakeAt` where it is not ready. */
  restore(message: QueuedMessage, wakeAt: number | undefined): void;
  /** Ends the timer; those who wait get nothing, or the error. */
  close(error?: Error): void;
}

export interface MailboxOptions {
  readonly queueId: string;
  readonly maxInFlight: number;
  readonly now: () => number;
  readonly settings: () => QueueSettings;
  /** Where a message goes that was received too often; undefined leaves it here. */
  readonly deadLetterTarget: () => { readonly mailbox: Mailbox; readonly sourceArn: string } | undefined;
  readonly changed: () => void;
}

export function createMailbox(options: MailboxOptions): Mailbox {
  const { queueId, maxInFlight, now, settings, changed } = options;
  const shelf = new Shelf();
  const waiters = createWaiters({ now, nextAt: () => shelf.nextWakeAt, due: wake });

  /** Lets pass the time since the last look. */
  function advance(): void {
    shelf.wakeDue(now());
    const retentionMs = settings().numbers.MessageRetentionPeriod * 1000;
    if (shelf.forgetOld(now() - retentionMs)) changed();
  }

  function wake(): void {
    advance();
    waiters.serve(deliver);
  }

  function deliver({ max, visibilityMs }: ReceiveRequest): Delivery[] {
    const { redrive } = settings();
    const taken: QueuedMessage[] = [];
    const receivedAt = now();
    while (taken.length < max && shelf.inFlight < maxInFlight) {
      const message = shelf.firstReady;
      if (!message) break;
      if (redrive && message.receivesHere >= redrive.maxReceiveCount && moveToDeadLetters(message)) continue;
      message.receiveCount++;
      message.receivesHere++;
      message.firstReceivedAt ??= receivedAt;
      message.lastReceivedAt = receivedAt;
      // A timeout of 0 is over at the next look: visible to others, but not to this receive again.
      shelf.hide(message, "in-flight", receivedAt + visibilityMs);
      taken.push(message);
    }
    if (taken.length > 0) changed();
    return taken.map(toDelivery);
  }

  function moveToDeadLetters(message: QueuedMessage): boolean {
    const target = options.deadLetterTarget();
    if (!target) return false;
    const { content, receiveCount, firstReceivedAt } = message;
    shelf.forget(message);
    const history = { receiveCount, firstReceivedAt, deadLetterSource: target.sourceArn };
    target.mailbox.add(content, { delayMs: 0, history });
    target.mailbox.wake();
    return true;
  }

  function toDelivery(message: QueuedMessage): Delivery {
    const { content, receiveCount, receivesHere, firstReceivedAt, deadLetterSource } = message;
    const receiptHandle = encodeReceipt({ queueId, messageId: content.id, receive: receivesHere });
    return { content, receiptHandle, receiveCount, firstReceivedAt, deadLetterSource };
  }

  /** The message, where the handle is of its latest receive. */
  function findByReceipt(receiptHandle: string): QueuedMessage | undefined {
    const receipt = decodeReceipt(receiptHandle);
    if (receipt?.queueId !== queueId) throw invalidReceiptHandle();
    const message = shelf.find(receipt.messageId);
    return message?.receivesHere === receipt.receive ? message : undefined;
  }

  return {
    wake,
    add(content, { delayMs, history }) {
      const message = newMessage(content, history);
      shelf.insert(message);
      if (delayMs > 0) shelf.hide(message, "delayed", now() + delayMs);
      changed();
    },
    receive(request) {
      // Those who wait came first.
      wake();
      return deliver(request);
    },
    wait: (request, waitOptions) => waiters.wait(request, waitOptions),
    remove(receiptHandle) {
      advance();
      const message = findByReceipt(receiptHandle);
      if (!message) return;
      shelf.forget(message);
      changed();
      // One less in flight may be what a receive waits for.
      waiters.serve(deliver);
    },
    changeVisibility(receiptHandle, seconds) {
      advance();
      const message = findByReceipt(receiptHandle);
      if (!message) throw invalidParameter("ReceiptHandle", "the message is gone or was received again");
      if (message.state !== "in-flight") throw messageNotInflight();
      const heldSeconds = Math.floor((now() - (message.lastReceivedAt ?? now())) / 1000);
      if (heldSeconds + seconds > MAX_VISIBILITY_SECONDS) {
        throw invalidParameter("VisibilityTimeout", `a receive hides for at most ${MAX_VISIBILITY_SECONDS} seconds`);
      }
      if (seconds === 0) shelf.makeReady(message);
      else shelf.hide(message, "in-flight", now() + seconds * 1000);
      changed();
      waiters.serve(deliver);
    },
    firstReady() {
      advance();
      return shelf.firstReady;
    },
    take(message) {
      shelf.forget(message);
      changed();
    },
    clear() {
      shelf.clear();
      changed();
      waiters.serve(deliver);
    },
    counts() {
      advance();
      const { ready, delayed, inFlight } = shelf;
      return { ready, delayed, inFlight };
    },
    messages: () => shelf,
    restore(message, wakeAt) {
      const { state } = message;
      shelf.insert(message);
      if (state !== "ready" && wakeAt !== undefined) shelf.hide(message, state, wakeAt);
    },
    close: (error) => waiters.close(error),
  };
}

function newMessage(content: MessageContent, history: ReceiveHistory | undefined): QueuedMessage {
  return {
    content,
    deadLetterSource: history?.deadLetterSource,
    state: "ready",
    receiveCount: history?.receiveCount ?? 0,
    receivesHere: 0,
    firstReceivedAt: history?.firstReceivedAt,
    lastReceivedAt: undefined,
    wake: undefined,
    age: undefined,
    previous: undefined,
    next: undefined,
  };
}
