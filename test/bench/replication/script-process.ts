/** The scripts, alone in their process: each copies when told to, and reports what that cost. */

import { collectGarbage } from "../collect-garbage.ts";
import { answer, nextRequest, requests } from "../quota/child-process.ts";
import { copyByScript } from "./copy-by-script.ts";
import type { ScriptTurn, TurnResult } from "./settings.ts";

const inbox = requests();
for (;;) answer(await measured(await nextRequest<ScriptTurn>(inbox)));

async function measured(turn: ScriptTurn): Promise<TurnResult> {
  collectGarbage();
  const cpu = process.cpuUsage();
  const from = performance.now();
  await copyByScript(turn);
  const { user, system } = process.cpuUsage(cpu);
  return { seconds: (performance.now() - from) / 1_000, cpuMicros: user + system };
}
