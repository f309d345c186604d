/**
 * Where a queue keeps its messages: by id, by state, by when they become ready
 * and by age. It moves messages between states and keeps the four in step;
 * what the states mean to consumers is the mailbox's matter.
 */
import { DueHeap } from "./due-heap.ts";
import type { QueuedMessage } from "./message.ts";
import { ReadyList } from "./ready-list.ts";

export class Shelf {
  readonly #byId = new Map<string, QueuedMessage>();
  readonly #ready = new ReadyList();
  readonly #waking = new DueHeap<QueuedMessage>();
  readonly #ages = new DueHeap<QueuedMessage>();
  #inFlight = 0;

  get inFlight(): number {
    return this.#inFlight;
  }

  get ready(): number {
    return this.#ready.length;
  }

  get delayed(): number {
    return this.#byId.size - this.#ready.length - this.#inFlight;
  }

  get firstReady(): QueuedMessage | undefined {
    return this.#ready.first;
  }

  /** When the next hidden or delayed message becomes ready. */
  get nextWakeAt(): number | undefined {
    return this.#waking.peek()?.dueAt;
  }

  find(messageId: string): QueuedMessage | undefined {
    return this.#byId.get(messageId);
  }

  /** Puts a new message in, as the last of the ready ones. */
  insert(message: QueuedMessage): void {
    this.#byId.set(message.content.id, message);
    message.age = this.#ages.add(message, message.content.sentAt);
    message.state = "ready";
    this.#ready.push(message);
  }

  makeReady(message: QueuedMessage): void {
    this.#detach(message);
    message.state = "ready";
    this.#ready.push(message);
  }

  hide(message: QueuedMessage, state: "delayed" | "in-flight", untilMs: number): void {
    this.#detach(message);
    message.state = state;
    if (state === "in-flight") this.#inFlight++;
    message.wake = this.#waking.add(message, untilMs);
  }

  forget(message: QueuedMessage): void {
    this.#detach(message);
    this.#byId.delete(message.content.id);
    if (message.age) this.#ages.remove(message.age);
    message.age = undefined;
  }

  /** Makes ready what is due at `now`. */
  wakeDue(now: number): void {
    for (let node = this.#waking.peek(); node && node.dueAt <= now; node = this.#waking.peek()) {
      this.makeReady(node.item);
    }
  }

  /** Forgets what was sent at `sentUntil` or before, in whatever state; tells whether there was any. */
  forgetOld(sentUntil: number): boolean {
    let forgotten = false;
    for (let node = this.#ages.peek(); node && node.dueAt <= sentUntil; node = this.#ages.peek()) {
      this.forget(node.item);
      forgotten = true;
    }
    return forgotten;
  }

  clear(): void {
    this.#byId.clear();
    this.#ready.clear();
    this.#waking.clear();
    this.#ages.clear();
    this.#inFlight = 0;
  }

  /** All messages, the ready ones first and in their order. */
  *[Symbol.iterator](): Generator<QueuedMessage> {
    yield* this.#ready;
    for (const message of this.#byId.values()) if (message.state !== "ready") yield message;
  }

  /** Takes a message out of the place that its state gave it. */
  #detach(message: QueuedMessage): void {
    if (message.state === "ready") {
      this.#ready.remove(message);
      return;
    }
    if (message.state === "in-flight") this.#inFlight--;
    if (message.wake) this.#waking.remove(message.wake);
    message.wake = undefined;
  }
}
