/** A failback while it is at work: each step in a sentence, and counters below. */

import type { FailbackOptions, FailbackStep } from "@dekhand/recovery";
import { type CommandContext, note } from "../command-context.ts";
import { type Progress, startProgress } from "../terminal/progress.ts";

type Shown = Required<Pick<FailbackOptions, "onStep" | "onSettled" | "onCompared" | "onDebt">>;

export function showFailback(context: CommandContext, followMs: number): Shown & Disposable & { finish(): void } {
  let counter: { readonly label: string; readonly progress: Progress; looked: number } | undefined;
  let owed: string | undefined;
  const end = () => {
    counter?.progress.finish();
    counter = undefined;
  };
  const count = (label: string, looked: number) => {
    if (counter?.label !== label) {
      end();
      counter = { label, progress: startProgress({ label, stream: context.stderr }), looked: 0 };
    }
    const more = looked - counter.looked;
    counter.looked = looked;
    if (more > 0) counter.progress.advance(more);
  };
  return {
    onStep(step) {
      end();
      owed = undefined;
      note(context, sentenceOf(step, followMs));
    },
    onSettled: ({ region, sweep, looked }) => count(`${region} ${sweep}`, looked),
    onCompared: ({ sweep, looked }) => count(sweep, looked),
    onDebt({ region, records, atLeast, oldestAt }) {
      const line = `${atLeast ? "at least " : ""}${records.toLocaleString("en-US")} records are owed to ${region}, the oldest since ${oldestAt}`;
      if (line !== owed) note(context, line);
      owed = line;
    },
    finish: end,
    [Symbol.dispose]: () => counter?.progress[Symbol.dispose](),
  };
}

function sentenceOf({ step, from, to }: FailbackStep, followMs: number): string {
  switch (step) {
    case "tell":
      return `every Region is told that ${from} is the home`;
    case "pay":
      return `what ${from} still owed ${to} is copied`;
    case "settle":
      return `${from} and ${to} are brought to the same records`;
    case "await":
      return `until all that ${from} owes ${to} has arrived`;
    case "compare":
      return `everything in ${from} is compared with ${to}`;
    case "move":
      return `the home moves from ${from} to ${to}`;
    case "follow":
      return `services follow within ${Math.ceil(followMs / 1_000)} s`;
    case "finish":
      return `what was written to ${from} until then is brought to ${to}`;
  }
}
