import type { CampaignProgress } from "@dekhand/campaign";
import type { OutputStream } from "../../command-context.ts";
import { type Progress, startProgress } from "../../terminal/progress.ts";

/** Shows one campaign while it runs: a bar for each phase, and the seconds that are left of a wait. */
export interface CampaignDisplay extends Disposable {
  work(progress: CampaignProgress): void;
  wait(text: string, leftMs: number): void;
  /** What was shown is done. Disposed of without it, a bar says that the work has stopped. */
  finish(): void;
}

export function createCampaignDisplay(stream: OutputStream): CampaignDisplay {
  let phase: Phase | undefined;
  let wait: Countdown | undefined;
  const finish = () => {
    phase?.finish();
    phase = undefined;
    wait?.end();
    wait = undefined;
  };
  return {
    work({ phase: kind, sweep, segments, items }) {
      const name = sweep > 1 ? `${kind} ${sweep}` : kind;
      if (wait || (phase && phase.name !== name)) finish();
      // Before the census is done nobody knows how many items there are, and a canary looks at few of them.
      const { done, all } = bySegments.has(kind) ? segments : items;
      phase ??= createPhase(name, all, stream);
      phase.reach(done);
    },
    wait(text, leftMs) {
      if (phase) finish();
      wait ??= createCountdown(text, stream);
      wait.show(Math.ceil(leftMs / 1000));
    },
    finish,
    [Symbol.dispose]() {
      phase?.bar[Symbol.dispose]();
      wait?.end();
    },
  };
}

const bySegments: ReadonlySet<CampaignProgress["phase"]> = new Set(["preflight", "census", "canary"]);

interface Phase {
  readonly name: string;
  readonly bar: Progress;
  reach(done: number): void;
  /** Also what was done after the last look. */
  finish(): void;
}

function createPhase(name: string, all: number | undefined, stream: OutputStream): Phase {
  const bar = startProgress({ label: name, total: all, stream });
  let reached = 0;
  const reach = (done: number) => {
    // A page that a crash undid is counted by whoever runs it again: never backwards.
    if (done > reached) bar.advance(done - reached);
    reached = Math.max(reached, done);
  };
  return {
    name,
    bar,
    reach,
    finish() {
      reach(all ?? 0);
      bar.finish();
    },
  };
}

interface Countdown {
  show(seconds: number): void;
  end(): void;
}

const lineEverySeconds = 5;

/** On a terminal: one line that changes. Elsewhere: a line every few seconds. */
function createCountdown(text: string, stream: OutputStream): Countdown {
  let shown: number | undefined;
  return {
    show(seconds) {
      if (seconds === shown) return;
      if (!stream.isTTY && shown !== undefined && shown - seconds < lineEverySeconds) return;
      shown = seconds;
      const line = `${text}, ${seconds} s`;
      stream.write(stream.isTTY ? `\r${line}\u001b[K` : `${line}\n`);
    },
    end() {
      if (stream.isTTY) stream.write("\n");
    },
  };
}
