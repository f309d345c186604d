import { SingleBar } from "cli-progress";
import type { OutputStream } from "../command-context.ts";

/** Progress of long work: a bar on a terminal, a plain line every few seconds elsewhere. Always on standard error. */
export interface Progress extends Disposable {
  advance(by?: number): void;
  /** Ends the display: all the work is done. Disposed of without it, the display says that the work has stopped. */
  finish(): void;
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
  let done = 0;
  display.start(total, 0);
  return ending(
    (by) => {
      done += by;
      display.increment(by);
    },
    (how) => {
      // Its timer would keep the process alive.
      display.stop();
      if (how === "stopped") stream.write(`${label}: stopped at ${done} of ${total}\n`);
    },
  );
}

function lines(label: string, total: number | undefined, stream: OutputStream): Progress {
  let done = 0;
  let shown = performance.now();
  const state = () => `${label}: ${done}${total === undefined ? "" : ` of ${total}`}`;
  return ending(
    (by) => {
      done += by;
      if (performance.now() - shown < lineEveryMs) return;
      shown = performance.now();
      stream.write(`${state()}\n`);
    },
    (how) => void stream.write(`${state()}, ${how}\n`),
  );
}

/** Ends once; what advances afterwards is no longer shown. */
function ending(advance: (by: number) => void, end: (how: "finished" | "stopped") => void): Progress {
  let ended = false;
  const endOnce = (how: "finished" | "stopped") => {
    if (ended) return;
    ended = true;
    end(how);
  };
  return {
    advance(by = 1) {
      if (!ended) advance(by);
    },
    finish: () => endOnce("finished"),
    [Symbol.dispose]: () => endOnce("stopped"),
  };
}
