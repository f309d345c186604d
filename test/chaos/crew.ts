/** Processes of one service, started again at once when they end, as a supervisor on a host does. */

import { setTimeout as delay } from "node:timers/promises";
import type { SpawnedScript } from "@dekhand/testing";

export interface Member {
  /** No two processes of a crew, one after the other included, have the same. */
  readonly name: string;
  readonly process: SpawnedScript;
}

export interface Crew extends AsyncDisposable {
  /** Those that are started, and not known to be gone. */
  up(): readonly Member[];
  /** kill -9. Resolves when the process is gone; another one is starting by then. */
  kill(member: Member): Promise<void>;
  /** What ended without having been killed: its name, its exit and its last lines. */
  readonly crashes: readonly string[];
  /** Starts that came to nothing, as while what they need is away. Each was tried again. */
  readonly failedStarts: readonly string[];
}

/** Between a start that failed and the next one, in milliseconds. */
const restartMs = 250;

export function startCrew(service: string, size: number, start: (name: string) => Promise<SpawnedScript>): Crew {
  const up = new Set<Member>();
  const killed = new Set<SpawnedScript>();
  const crashes: string[] = [];
  const failedStarts: string[] = [];
  const stopping = new AbortController();

  const kill: Crew["kill"] = async ({ process }) => {
    killed.add(process);
    process.kill("SIGKILL");
    await process.exited;
  };

  const serve = async (name: string) => {
    const process = await start(name);
    const member = { name, process };
    up.add(member);
    if (stopping.signal.aborted) await kill(member);
    const { code, signal } = await process.exited;
    up.delete(member);
    const last = process.lines.slice(-20).map(({ text }) => text);
    if (!killed.has(process)) crashes.push([`${name}: ${signal ?? `code ${code}`}`, ...last].join("\n"));
  };
  const keepUp = async (place: number) => {
    for (let run = 1; !stopping.signal.aborted; run += 1) {
      try {
        await serve(`${service}-${place}-${run}`);
      } catch (error) {
        failedStarts.push(error instanceof Error ? error.message : String(error));
        await delay(restartMs, undefined, { signal: stopping.signal }).catch(() => undefined);
      }
    }
  };
  const places = Array.from({ length: size }, (_, place) => keepUp(place + 1));

  return {
    up: () => [...up],
    kill,
    crashes,
    failedStarts,
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await Promise.all([...up].map(kill));
      await Promise.all(places);
    },
  };
}
