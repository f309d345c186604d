import { createInterface } from "node:readline/promises";
import type { InputStream, OutputStream } from "../command-context.ts";

/** Asks a yes-or-no question on the terminal. Without a terminal the answer is no. */
export async function confirm(
  question: string,
  streams: { readonly input: InputStream; readonly output: OutputStream },
  signal?: AbortSignal,
): Promise<boolean> {
  if (!streams.input.isTTY) return false;
  const reader = createInterface(streams);
  try {
    const answer = await reader.question(`${question} [y/N] `, signal ? { signal } : {});
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    reader.close();
  }
}
