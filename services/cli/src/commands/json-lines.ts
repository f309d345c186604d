import { CliError } from "../errors.ts";

export interface Line {
  /** Counted from 1. */
  readonly number: number;
  /** Without its line end. */
  readonly bytes: Buffer;
}

/** One line may be this long: more than any record, and it bounds what a file without line ends can take up. */
const maxLineBytes = 32 * 1024 * 1024;
const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/**
 * The lines of a stream, split at line feeds alone: JSON strings may hold
 * U+2028 and other characters that text tools take for line ends.
 */
export async function* readLines(source: AsyncIterable<Buffer>): AsyncGenerator<Line> {
  let number = 0;
  let pending: Buffer[] = [];
  let pendingBytes = 0;

  const finish = (): Line => {
    number += 1;
    const bytes = Buffer.concat(pending);
    pending = [];
    pendingBytes = 0;
    return { number, bytes: bytes.at(-1) === carriageReturn ? bytes.subarray(0, -1) : bytes };
  };

  for await (const chunk of source) {
    let from = 0;
    for (let end = chunk.indexOf(lineFeed); end >= 0; end = chunk.indexOf(lineFeed, from)) {
      pending.push(chunk.subarray(from, end));
      yield finish();
      from = end + 1;
    }
    pending.push(chunk.subarray(from));
    pendingBytes += chunk.length - from;
    if (pendingBytes > maxLineBytes) {
      throw new CliError("CLI_INPUT_UNREADABLE", "a line of the input is too long to be a record", {
        context: { line: number + 1, maxBytes: maxLineBytes },
      });
    }
  }
  if (pendingBytes > 0) yield finish();
}
