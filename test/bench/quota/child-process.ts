/**
 * A process of this benchmark and how the two ends talk: one JSON document a line, a request down, an answer up.
 *
 * The types of the documents are taken on trust: both ends are of one checkout. A
 * child ends with its handle, and with the benchmark's process in whatever way
 * that ends, Ctrl+C included (@dekhand/testing).
 */

import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { spawnScript } from "@dekhand/testing";

export interface Child extends AsyncDisposable {
  /** Sends one request and waits for its answer; one at a time. */
  ask<Answer>(request: unknown, options?: { readonly timeoutMs?: number }): Promise<Answer>;
}

/** So that a warning on one of the streams is not taken for an answer. */
const answerMark = "answer ";

/** @param script a file in this folder */
export async function startChild(script: string): Promise<Child> {
  const child = await spawnScript({
    script: fileURLToPath(import.meta.resolve(script)),
    env: environmentWithoutAws(),
    keepInputOpen: true,
  });
  return {
    async ask(request, { timeoutMs = 60_000 } = {}) {
      const from = child.lines.length;
      child.write(`${JSON.stringify(request)}\n`);
      const line = await child.waitForLine((text) => text.startsWith(answerMark), { from, timeoutMs });
      return JSON.parse(line.slice(answerMark.length));
    },
    [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
  };
}

/** The child's end of it. The iterator ends when its parent is gone. */
export function requests(): AsyncIterator<string> & Disposable {
  const lines = createInterface({ input: process.stdin });
  const iterator = lines[Symbol.asyncIterator]();
  return { next: () => iterator.next(), [Symbol.dispose]: () => lines.close() };
}

export async function nextRequest<Request>(from: AsyncIterator<string>): Promise<Request> {
  const { done, value } = await from.next();
  if (done) throw new Error("the benchmark has ended");
  return JSON.parse(value);
}

export function answer(document: unknown): void {
  process.stdout.write(`${answerMark}${JSON.stringify(document)}\n`);
}

/** "SDK defaults" are the SDK's: not those of whoever runs the benchmark. */
function environmentWithoutAws(): Record<string, string | undefined> {
  const names = Object.keys(process.env).filter((name) => name.startsWith("AWS_"));
  return {
    ...Object.fromEntries(names.map((name) => [name, undefined])),
    AWS_CONFIG_FILE: "/dev/null",
    AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
  };
}
