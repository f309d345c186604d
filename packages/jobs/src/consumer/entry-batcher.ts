/**
 * Sends single entries in batches whose answers come entry by entry, as SQS's
 * batch calls do: what failed is sent again, alone, and what succeeded is not.
 *
 * A batch leaves when it is full or when its oldest entry has waited. Failures
 * end at the entry that caused them: it is retried with jittered backoff for as
 * long as its owner wants it, and answers `failed` in the end; it never throws.
 */

import { describeError } from "@dekhand/errors";
import { fullJitterDelay } from "@dekhand/runtime";

export interface EntryBatcherOptions<T> {
  readonly maxEntries: number;
  /** How long an entry waits for company, in milliseconds. */
  readonly maxDelayMs: number;
  /** Bytes of a batch, where the call limits them. */
  readonly maxBytes?: number;
  readonly bytesOf?: (item: T) => number;
  /** Calls under way at once. */
  readonly maxConcurrent: number;
  readonly backoff: { readonly baseMs: number; readonly capMs: number };
  /** Answers item by item, in order. A throw means that none of them is known to have succeeded. */
  readonly send: (items: readonly T[], signal: AbortSignal) => Promise<readonly EntryAnswer[]>;
  /** Ends everything: entries still waiting answer `failed`. */
  readonly signal: AbortSignal;
}

export type EntryAnswer =
  | { readonly ok: true }
  /** `final`: sending it again would fail again. */
  | { readonly ok: false; readonly final: boolean; readonly code: string };

export type EntryResult = { readonly ok: true } | { readonly ok: false; readonly code: string };

export interface EntryBatcher<T> {
  /** `wanted` is asked before each attempt: false ends the entry as `failed`. */
  readonly submit: (item: T, options?: { readonly wanted?: () => boolean }) => Promise<EntryResult>;
  /** From now on nothing waits for company. */
  readonly hurry: () => void;
}

interface Entry<T> {
  readonly item: T;
  readonly wanted: () => boolean;
  readonly resolve: (result: EntryResult) => void;
  failures: number;
  code: string;
}

export function createEntryBatcher<T>(options: EntryBatcherOptions<T>): EntryBatcher<T> {
  const { maxEntries, maxDelayMs, maxConcurrent, backoff, signal } = options;
  const maxBytes = options.maxBytes ?? Number.POSITIVE_INFINITY;
  const bytesOf = options.bytesOf ?? (() => 0);
  const waiting: Entry<T>[] = [];
  const pausing = new Map<NodeJS.Timeout, Entry<T>>();
  let timer: NodeJS.Timeout | undefined;
  let running = 0;
  let due = false;
  let hurried = false;

  const pump = () => {
    while (running < maxConcurrent && waiting.length > 0 && (due || hurried || waiting.length >= maxEntries)) {
      const batch = takeBatch(waiting, maxEntries, maxBytes, bytesOf);
      if (waiting.length === 0) due = false;
      running += 1;
      void sendBatch(batch).finally(() => {
        running -= 1;
        pump();
      });
    }
    if (waiting.length > 0 && !due) timer ??= setTimeout(onDue, maxDelayMs);
  };

  const onDue = () => {
    timer = undefined;
    due = waiting.length > 0;
    pump();
  };

  const sendBatch = async (batch: readonly Entry<T>[]) => {
    const wanted = batch.filter((entry) => {
      const still = entry.wanted() && !signal.aborted;
      if (!still) entry.resolve({ ok: false, code: entry.code });
      return still;
    });
    if (wanted.length === 0) return;
    let answers: readonly EntryAnswer[];
    try {
      answers = await options.send(
        wanted.map(({ item }) => item),
        signal,
      );
    } catch (error) {
      const failure: EntryAnswer = { ok: false, final: signal.aborted, code: describeError(error).code };
      answers = wanted.map(() => failure);
    }
    wanted.forEach((entry, index) => {
      settle(entry, answers[index] ?? { ok: false, final: false, code: "NoAnswer" });
    });
  };

  const settle = (entry: Entry<T>, answer: EntryAnswer) => {
    if (answer.ok || answer.final || signal.aborted) {
      entry.resolve(answer.ok ? { ok: true } : { ok: false, code: answer.code });
      return;
    }
    entry.failures += 1;
    entry.code = answer.code;
    const pause = setTimeout(
      () => {
        pausing.delete(pause);
        waiting.push(entry);
        due = true;
        pump();
      },
      fullJitterDelay(entry.failures, backoff),
    );
    pausing.set(pause, entry);
  };

  const abandon = () => {
    clearTimeout(timer);
    for (const pause of pausing.keys()) clearTimeout(pause);
    for (const { resolve, code } of [...waiting.splice(0), ...pausing.values()]) resolve({ ok: false, code });
    pausing.clear();
  };
  signal.addEventListener("abort", abandon, { once: true });

  return {
    submit(item, { wanted = () => true } = {}) {
      const { promise, resolve } = Promise.withResolvers<EntryResult>();
      if (signal.aborted) return Promise.resolve({ ok: false, code: "Stopped" });
      waiting.push({ item, wanted, resolve, failures: 0, code: "Stopped" });
      pump();
      return promise;
    },
    hurry() {
      hurried = true;
      pump();
    },
  };
}

function takeBatch<T>(
  waiting: Entry<T>[],
  maxEntries: number,
  maxBytes: number,
  bytesOf: (item: T) => number,
): Entry<T>[] {
  let count = 0;
  let bytes = 0;
  for (const { item } of waiting) {
    bytes += bytesOf(item);
    if (count > 0 && (count >= maxEntries || bytes > maxBytes)) break;
    count += 1;
  }
  return waiting.splice(0, Math.max(1, Math.min(count, maxEntries)));
}
