import type { QueuedMessage } from "./message.ts";

/**
 * Messages that may be received, in the order in which they became so. A
 * linked list through the messages, since a visible message can be deleted from the middle.
 */
export class ReadyList {
  #first: QueuedMessage | undefined;
  #last: QueuedMessage | undefined;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  get first(): QueuedMessage | undefined {
    return this.#first;
  }

  push(message: QueuedMessage): void {
    message.previous = this.#last;
    message.next = undefined;
    if (this.#last) this.#last.next = message;
    else this.#first = message;
    this.#last = message;
    this.#length++;
  }

  /** Takes out a message that is in. */
  remove(message: QueuedMessage): void {
    const { previous, next } = message;
    if (previous) previous.next = next;
    else this.#first = next;
    if (next) next.previous = previous;
    else this.#last = previous;
    message.previous = undefined;
    message.next = undefined;
    this.#length--;
  }

  clear(): void {
    this.#first = undefined;
    this.#last = undefined;
    this.#length = 0;
  }

  *[Symbol.iterator](): Generator<QueuedMessage> {
    for (let message = this.#first; message; message = message.next) yield message;
  }
}
