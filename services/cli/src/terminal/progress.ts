import { SingleBar } from "cli-progress";
import type { OutputStream } from "../command-context.ts";

/** Progress of long work: a bar on a terminal, a plain line every few seconds elsewhere. Always on standard error. */
export interface Progress {
  advance(by?: number): void;
  /** Ends the display; the work may have stopped early. */
  stop(): void;
}

export interface ProgressOptions {
  readonly label: string;
  /** Items in all, where known. */
  readonly total?: number;
  readonly stream: OutputStream;
}

const lineEveryMs = 2_000;

export function startProgress({ label, total, stream }: ProgressOptions): Progress {
  return stream.isTTY && total !== undefined ? bar(label, total, stream) : lines(label, total, stream);
}

function bar(label: string, total: number, stream: OutputStream): Progress {
  const display = new SingleBar({
    format: `${label.padEnd(12)} {bar} {percentage}% {value}/{total} {eta_formatted}`,
    stream,
    hideCursor: true,
    barsize: 30,
  });
  display.start(total, 0);
  return { advance: (by = 1) => display.increment(by), stop: () => display.stop() };
}

function lines(label: string, total: number | undefined, stream: OutputStream): Progress {
  let done = 0;
  let shown = performance.now();
  return {
    advance(by = 1) {
      done += by;
      if (performance.now() - shown < lineEveryMs) return;
      shown = performance.now();
      stream.write(`${label}: ${done}${total === undefined ? "" : ` of ${total}`}\n`);
    },
    stop() {
      stream.write(`${label}: ${done}${total === undefined ? "" : ` of ${total}`}, finished\n`);
    },
  };
}
