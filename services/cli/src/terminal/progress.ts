import { SingleBar } from "cli-progress";
import type { OutputStream } from "../command-context.ts";

/**
 * Progress of long work, on standard error. On a terminal: a bar, or a counter where no total is known. Elsewhere: a
 * plain line every few seconds.
 */
export interface Progress extends Disposable {
  /** So many items more. `reachedBytes`: how far into an input of `totalBytes` the work has come with them. */
  advance(by?: number, reachedBytes?: number): void;
  /** Ends the display: all the work is done. Disposed of without it, the display says that the work has stopped. */
  finish(): void;
}

export interface ProgressOptions {
  readonly label: string;
  /** Items in all, where known. */
  readonly total?: number | undefined;
  /** Size of the input, where that is known and its number of items is not. */
  readonly totalBytes?: number | undefined;
  readonly stream: OutputStream;
}

const lineEveryMs = 2_000;

export function startProgress(options: ProgressOptions): Progress {
  return options.stream.isTTY ? display(options) : lines(options);
}

function display({ label, total, totalBytes, stream }: ProgressOptions): Progress {
  const known = total ?? totalBytes;
  const items = total === undefined ? "{items}" : `{items}/${total}`;
  const measure = known === undefined ? items : `{bar} {percentage}% ${items} {eta_formatted}`;
  const bar = new SingleBar({ format: `${label.padEnd(12)} ${measure}`, stream, hideCursor: true, barsize: 30 });
  let done = 0;
  bar.start(known ?? 0, 0, { items: 0 });
  return ending(
    (by, reachedBytes) => {
      done += by;
      bar.update(total === undefined && totalBytes !== undefined ? reachedBytes : done, { items: done });
    },
    (how) => {
      // Line ends after the last item lead to no item.
      if (how === "finished" && known !== undefined) bar.update(known, { items: done });
      // Its timer would keep the process alive.
      bar.stop();
      if (how === "stopped") stream.write(`${label}: stopped at ${soFar(done, total)}\n`);
    },
  );
}

function lines({ label, total, stream }: ProgressOptions): Progress {
  let done = 0;
  let shown = performance.now();
  const state = () => `${label}: ${soFar(done, total)}`;
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

function soFar(done: number, total: number | undefined): string {
  return total === undefined ? String(done) : `${done} of ${total}`;
}

/** Ends once; what advances afterwards is no longer shown. */
function ending(
  advance: (by: number, reachedBytes: number) => void,
  end: (how: "finished" | "stopped") => void,
): Progress {
  let ended = false;
  let reached = 0;
  const endOnce = (how: "finished" | "stopped") => {
    if (ended) return;
    ended = true;
    end(how);
  };
  return {
    advance(by = 1, reachedBytes = reached) {
      if (ended) return;
      reached = reachedBytes;
      advance(by, reachedBytes);
    },
    finish: () => endOnce("finished"),
    [Symbol.dispose]: () => endOnce("stopped"),
  };
}
