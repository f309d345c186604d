/** Asks `dekhand replicas status` again and again: what an operator knows once the home has gone. */

import { setTimeout as delay } from "node:timers/promises";
import { runCommand } from "../../stack/run-command.ts";
import type { Stack } from "../../stack/start-stack.ts";

export interface ToldDebt {
  readonly records: number;
  readonly atLeast: boolean;
  /** ISO 8601. */
  readonly asOf: string;
}

export interface StatusWatch extends AsyncDisposable {
  /** How often it has answered. */
  readonly answers: number;
  /** What it has said last of the debt to that Region. Throws where it never did. */
  last(region: string): ToldDebt;
  stop(): Promise<void>;
}

interface StatusRow {
  readonly region: string;
  readonly debt: ToldDebt | { readonly error: string };
}

const everyMs = 100;

export function watchStatus({ env }: Pick<Stack, "env">): StatusWatch {
  const stopping = new AbortController();
  const { signal } = stopping;
  const told = new Map<string, ToldDebt>();
  let answers = 0;
  const watching = (async () => {
    while (!signal.aborted) {
      const { exitCode, stdout } = await runCommand(["replicas", "status", "--once", "--json"], { env, signal });
      const rows: readonly StatusRow[] = exitCode === 0 ? JSON.parse(stdout) : [];
      for (const { region, debt } of rows) if ("asOf" in debt) told.set(region, debt);
      answers += rows.some(({ debt }) => "asOf" in debt) ? 1 : 0;
      await delay(everyMs, undefined, { signal }).catch(() => undefined);
    }
  })();
  const stop = async () => {
    stopping.abort();
    await watching;
  };
  return {
    get answers() {
      return answers;
    },
    last(region) {
      const debt = told.get(region);
      if (!debt) throw new Error(`status has never told the debt to ${region}`);
      return debt;
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
