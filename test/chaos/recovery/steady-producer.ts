/** Ingestion that never stops: so many jobs a second, to whichever queue is in use. */

import { setTimeout as delay } from "node:timers/promises";
import type { DekhandClient } from "@dekhand/client";
import type { Job, JobBook } from "./job-book.ts";

export interface Queue {
  readonly region: string;
  readonly client: DekhandClient;
}

export interface Taken {
  /** When a queue first said that it has the job, in milliseconds since 1970. */
  readonly at: number;
  /** The Regions whose queues said so. */
  readonly regions: ReadonlySet<string>;
}

export interface SteadyProducer extends AsyncDisposable {
  /** Jobs that no queue has taken so far. */
  readonly waiting: number;
  /** By job id. */
  readonly taken: ReadonlyMap<string, Taken>;
  /** From now on to that queue, and what the one before has not taken: again, under the same ids. */
  turnTo(queue: Queue): void;
  /** Beside the steady flow, each until that queue has it. */
  hand(jobs: readonly Job[], queue: Queue): Promise<void>;
  /** Resolves once every job was taken. Throws what a submission failed with while its queue was in use. */
  stop(): Promise<void>;
}

/** Between two submissions, in milliseconds. */
const everyMs = 100;

export function startProducer(book: JobBook, perSecond: number, first: Queue): SteadyProducer {
  const taken = new Map<string, { at: number; regions: Set<string> }>();
  const open = new Map<string, Job>();
  const going = new Set<Promise<void>>();
  const failures: unknown[] = [];
  const stopping = new AbortController();
  let use = { queue: first, turned: new AbortController() };

  const take = ({ id }: Job, { region }: Queue) => {
    const before = taken.get(id);
    if (before) before.regions.add(region);
    else taken.set(id, { at: Date.now(), regions: new Set([region]) });
    open.delete(id);
  };

  const submit = async (jobs: readonly Job[], { queue, turned }: typeof use) => {
    for (const job of jobs) open.set(job.id, job);
    try {
      const outcomes = await queue.client.submitAll(jobs, { signal: turned.signal });
      for (const [index, outcome] of outcomes.entries()) {
        const job = jobs[index];
        if (outcome.ok && job) take(job, queue);
        else if (!outcome.ok && !turned.signal.aborted) failures.push(outcome.error);
      }
    } catch (error) {
      if (!turned.signal.aborted) failures.push(error);
    }
  };
  const begin = (jobs: readonly Job[]) => {
    const submitting = submit(jobs, use).finally(() => going.delete(submitting));
    going.add(submitting);
  };

  const producing = (async () => {
    const startedAt = performance.now();
    for (let made = 0; !stopping.signal.aborted; ) {
      const due = Math.floor(((performance.now() - startedAt) / 1_000) * perSecond) - made;
      if (due > 0) begin(Array.from({ length: due }, () => book.next()));
      made += Math.max(0, due);
      // Not a wait for anything: the rate is what the test decides.
      await delay(everyMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  })();

  const end = async () => {
    stopping.abort();
    await producing;
    while (going.size > 0) await Promise.all(going);
  };

  return {
    get waiting() {
      return open.size;
    },
    taken,
    turnTo(queue) {
      const before = use;
      use = { queue, turned: new AbortController() };
      before.turned.abort();
      if (open.size > 0) begin([...open.values()]);
    },
    async hand(jobs, queue) {
      for (const [index, outcome] of (await queue.client.submitAll(jobs)).entries()) {
        if (!outcome.ok) throw outcome.error;
        const job = jobs[index];
        if (job) take(job, queue);
      }
    },
    async stop() {
      await end();
      if (failures.length > 0) throw failures[0];
      if (open.size > 0) throw new Error(`no queue has taken ${open.size} jobs`);
    },
    async [Symbol.asyncDispose]() {
      use.turned.abort();
      await end();
    },
  };
}
