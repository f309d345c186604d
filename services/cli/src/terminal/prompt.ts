import { createInterface } from "node:readline/promises";
import type { InputStream, OutputStream } from "../command-context.ts";

/** Asks a yes-or-no question on the terminal. Without a terminal, and at the input's end (Ctrl-D), the answer is no. */
export async function confirm(
  question: string,
  streams: { readonly input: InputStream; readonly output: OutputStream },
  signal?: AbortSignal,
): Promise<boolean> {
  if (!streams.input.isTTY) return false;
  const reader = createInterface(streams);
  const { promise: ended, resolve, reject } = Promise.withResolvers<string>();
  // A question is never answered once its input has ended.
  reader.once("close", () => resolve(""));
  // On a terminal the reader takes Ctrl-C before it becomes a signal.
  reader.once("SIGINT", () => reject(new DOMException("interrupted", "AbortError")));
  try {
    const asked = reader.question(`${question} [y/N] `, signal ? { signal } : {});
    const answer = await Promise.race([ended, asked]);
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    reader.close();
  }
}
