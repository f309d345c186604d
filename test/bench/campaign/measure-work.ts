/**
 * CPU time, duration and memory of a contestant's work.
 *
 * At each percent of the work all garbage is collected, so that what remains is what the work keeps; what that costs is
 * not counted.
 */

import { collectGarbage } from "../collect-garbage.ts";
import type { Rewrapper } from "./rewrapper.ts";
import type { MemorySample, Work, WorkResult } from "./settings.ts";

/** Percents count on from one call to the next. */
export function measureWork(rewrapper: Rewrapper): (work: Work) => Promise<WorkResult> {
  let doneOfAll = 0;
  return async (work) => {
    const samples: MemorySample[] = [];
    const sampling = { cpuMicros: 0, ms: 0 };
    let done = 0;

    const sample = (percent: number) => {
      const cpu = process.cpuUsage();
      const from = performance.now();
      collectGarbage();
      const { rss, heapUsed } = process.memoryUsage();
      samples.push({ percent, rssMiB: rss / bytesPerMiB, heapMiB: heapUsed / bytesPerMiB });
      sampling.ms += performance.now() - from;
      sampling.cpuMicros += microsSince(cpu);
    };

    const cpu = process.cpuUsage();
    const from = performance.now();
    await rewrapper.rewrap(work, (wraps) => {
      done += wraps;
      if (work.wraps === undefined) return;
      const before = percentOf(doneOfAll, work.wraps);
      doneOfAll += wraps;
      const now = percentOf(doneOfAll, work.wraps);
      if (now > before) sample(now);
    });
    const seconds = (performance.now() - from - sampling.ms) / 1_000;
    return { wraps: done, seconds, cpuMicros: microsSince(cpu) - sampling.cpuMicros, samples };
  };
}

const bytesPerMiB = 1024 * 1024;

function percentOf(done: number, all: number): number {
  return Math.floor((100 * done) / all);
}

function microsSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return user + system;
}
