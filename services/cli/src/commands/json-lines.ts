interface Place {
  /** Counted from 1. */
  readonly number: number;
  /** Bytes of the input up to the end of this line, its line end included. */
  readonly endsAt: number;
}

/** A line without its line end, or the place of one that is longer than any record. */
export type Line =
  | (Place & { readonly kind: "line"; readonly bytes: Buffer })
  | (Place & { readonly kind: "too-long" });

/** One line may be this long: more than any record, and it bounds what a file without line ends can take up. */
export const maxLineBytes = 32 * 1024 * 1024;
const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/**
 * The lines of a stream, split at line feeds alone: JSON strings may hold
 * U+2028 and other characters that text tools take for line ends.
 */
export async function* readLines(source: AsyncIterable<Buffer>): AsyncGenerator<Line> {
  let number = 0;
  let chunkStartsAt = 0;
  let pending: Buffer[] = [];
  let pendingBytes = 0;

  const add = (piece: Buffer) => {
    pendingBytes += piece.length;
    // Of a line that is too long only the length is kept: the lines after it are still to be read.
    if (pendingBytes > maxLineBytes) pending = [];
    else pending.push(piece);
  };
  const finish = (endsAt: number): Line => {
    number += 1;
    const tooLong = pendingBytes > maxLineBytes;
    const bytes = Buffer.concat(pending);
    pending = [];
    pendingBytes = 0;
    if (tooLong) return { kind: "too-long", number, endsAt };
    return { kind: "line", number, endsAt, bytes: bytes.at(-1) === carriageReturn ? bytes.subarray(0, -1) : bytes };
  };

  for await (const chunk of source) {
    let from = 0;
    for (let end = chunk.indexOf(lineFeed); end >= 0; end = chunk.indexOf(lineFeed, from)) {
      add(chunk.subarray(from, end));
      from = end + 1;
      yield finish(chunkStartsAt + from);
    }
    add(chunk.subarray(from));
    chunkStartsAt += chunk.length;
  }
  if (pendingBytes > 0) yield finish(chunkStartsAt);
}
