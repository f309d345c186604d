import { createInterface } from "node:readline";
import type { Readable } from "node:stream";

export type OutputStream = "stdout" | "stderr";

export interface OutputLine {
  readonly stream: OutputStream;
  readonly text: string;
}

export type LinePattern = RegExp | ((line: string) => boolean);

export interface WaitForLineOptions {
  /** Milliseconds until it gives up. Default 20,000. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
  /** Looks only at lines from this index of `lines` on. Default 0: what was printed before the call counts. */
  readonly from?: number;
}

/** What a process printed, line by line, and who waits for a line of it. */
export interface OutputLines {
  readonly lines: readonly OutputLine[];
  /** Resolves with the first matching line; rejects on timeout, abort, or once no line can come any more. */
  waitFor(pattern: LinePattern, options?: WaitForLineOptions): Promise<string>;
  /** No line comes any more: whoever still waits is told `why`. */
  end(why: string): void;
  /** The last lines, for a message. */
  tail(count?: number): string;
}

interface Waiter {
  readonly pattern: LinePattern;
  resolve(line: string): void;
  reject(error: unknown): void;
}

export function captureLines(streams: Readonly<Record<OutputStream, Readable>>): OutputLines {
  const lines: OutputLine[] = [];
  const waiters = new Set<Waiter>();
  let ended: string | undefined;

  function take(stream: OutputStream, text: string): void {
    lines.push({ stream, text });
    for (const waiter of waiters) if (matches(waiter.pattern, text)) waiter.resolve(text);
  }
  for (const stream of ["stdout", "stderr"] as const) {
    createInterface({ input: streams[stream], crlfDelay: Number.POSITIVE_INFINITY }).on("line", (text) =>
      take(stream, text),
    );
  }

  const tail = (count = 20): string =>
    lines
      .slice(-count)
      .map(({ stream, text }) => `  ${stream}: ${text}`)
      .join("\n");
  const explain = (what: string): Error => new Error(`${what}; the last lines were:\n${tail()}`);

  return {
    lines,
    tail,
    end(why) {
      ended = why;
      for (const waiter of waiters) waiter.reject(explain(`no line matched ${String(waiter.pattern)}: ${why}`));
    },
    waitFor(pattern, { timeoutMs = 20_000, signal, from = 0 } = {}) {
      const seen = lines.slice(from).find(({ text }) => matches(pattern, text));
      if (seen !== undefined) return Promise.resolve(seen.text);
      if (signal?.aborted) return Promise.reject(signal.reason);
      if (ended !== undefined) return Promise.reject(explain(`no line matched ${String(pattern)}: ${ended}`));
      return new Promise((resolve, reject) => {
        const leave = (): void => {
          waiters.delete(waiter);
          clearTimeout(timer);
          signal?.removeEventListener("abort", onAbort);
        };
        const waiter: Waiter = {
          pattern,
          resolve: (line) => {
            leave();
            resolve(line);
          },
          reject: (error) => {
            leave();
            reject(error);
          },
        };
        const onAbort = (): void => waiter.reject(signal?.reason);
        const timer = setTimeout(
          () => waiter.reject(explain(`no line matched ${String(pattern)} within ${timeoutMs} ms`)),
          timeoutMs,
        );
        signal?.addEventListener("abort", onAbort, { once: true });
        waiters.add(waiter);
      });
    },
  };
}

function matches(pattern: LinePattern, line: string): boolean {
  if (typeof pattern === "function") return pattern(line);
  pattern.lastIndex = 0;
  return pattern.test(line);
}
