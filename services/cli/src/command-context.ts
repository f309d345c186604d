import type { Readable, Writable } from "node:stream";

/** What a command may touch of the process it runs in. main.ts makes the real one. */
export interface CommandContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin: InputStream;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  /** Aborted by the first SIGINT or SIGTERM, and when an output can no longer be written. */
  readonly signal: AbortSignal;
}

export type InputStream = Readable & { readonly isTTY?: boolean };
export type OutputStream = Writable & { readonly isTTY?: boolean };

/** One line for the reader of the result. */
export function print(context: CommandContext, line = ""): void {
  context.stdout.write(`${line}\n`);
}

/** One JSON document on standard output. */
export function printJson(context: CommandContext, value: unknown): void {
  context.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}

/** One line for the person at the terminal: progress, advice, warnings. */
export function note(context: CommandContext, line: string): void {
  context.stderr.write(`${line}\n`);
}
