/** The command line in this process, its streams kept: also on what it takes for a terminal. */

import { PassThrough, Readable, Writable } from "node:stream";
import { run } from "@dekhand/cli";

export interface CommandOutcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunCommandOptions {
  readonly env: Readonly<Record<string, string>>;
  /** Where given, all streams are a terminal, and this is typed there. */
  readonly typed?: string;
  readonly signal?: AbortSignal;
  /** Hears of each piece of standard error as it is written. */
  readonly onStderr?: (text: string) => void;
}

export async function runCommand(args: readonly string[], options: RunCommandOptions): Promise<CommandOutcome> {
  const { env, typed, signal = new AbortController().signal, onStderr } = options;
  const isTTY = typed !== undefined;
  const stdout = collector();
  const stderr = collector(onStderr);
  const exitCode = await run(args, {
    env,
    stdin: Object.assign(typed === undefined ? Readable.from([]) : keyboard(typed), { isTTY }),
    stdout: Object.assign(stdout.stream, { isTTY }),
    stderr: Object.assign(stderr.stream, { isTTY }),
    signal,
  });
  return { exitCode, stdout: stdout.text(), stderr: stderr.text() };
}

/** Stays open after what is typed, as a keyboard does. */
function keyboard(typed: string): Readable {
  const stream = new PassThrough();
  stream.write(typed);
  return stream;
}

function collector(onText: (text: string) => void = () => undefined) {
  const chunks: Buffer[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, written) {
      // Plaintext is wiped once it counts as written, as a real file or pipe would have it.
      chunks.push(Buffer.from(chunk));
      onText(chunk.toString("utf8"));
      written();
    },
  });
  return { stream, text: () => Buffer.concat(chunks).toString("utf8") };
}
