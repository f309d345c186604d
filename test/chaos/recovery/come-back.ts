/** The first home returns, knows nothing, and takes in what it can; a failback makes it the home again. */

import { setTimeout as delay } from "node:timers/promises";
import { eventually } from "@dekhand/testing";
import { expect } from "vitest";
import type { Job } from "./job-book.ts";
import { recordsIn } from "./records-in.ts";
import { type Rival, rivalsAtHome } from "./rivals.ts";
import { runProcess } from "./run-process.ts";
import { home, related, type Scene } from "./scene.ts";

export interface Return {
  readonly rivals: readonly Rival[];
  /** What came to the first home's queue all the time, from producers that nobody has told. */
  readonly late: readonly Job[];
  readonly failbackMs: number;
}

/** Services look every 5 s where the home is. */
const follow = "8s";
/** Between two late jobs, in milliseconds. */
const lateEveryMs = 250;

/** `stored`: in the second Region alone. */
export async function comeBack(scene: Scene, stored: readonly Job[]): Promise<Return> {
  const { stack, there, book, producer, first, second } = scene;
  const rivals = rivalsAtHome(book, stored);
  expect(rivals.length, "records that both sides are to write").toBeGreaterThan(3);
  // They would bring the others of these records home before that writes them.
  const frozen = second.services.replicators?.up() ?? [];
  for (const { process } of frozen) process.kill("SIGSTOP");
  const written = rivals.map(({ job }) => job);
  stack.aws.control.cutOff(home, false);
  first.services.power(true);
  await producer.hand(written, first.queue);
  await eventually(() => written.every(({ id }) => first.ledger.acknowledged.has(id)), { timeoutMs: 90_000 });
  const atHome = await recordsIn(stack, home);
  for (const { recordId, id } of written) expect(atHome.heads.get(recordId)).toMatchObject({ jobId: id, epoch: 1 });
  for (const { process } of frozen) process.kill("SIGCONT");

  const stopLate = keepComing(scene);
  const startedAt = Date.now();
  const env = { ...stack.env, DEKHAND_CONTROL: related, DEKHAND_REDIS_URL: there.redisUrl };
  const back = await runProcess(env, "failback", "--to", home, "--yes", "--json", "--follow", follow);
  const failbackMs = Date.now() - startedAt;
  const late = await stopLate();
  expect(back.stderr).not.toContain("incomplete");
  expect(back.exitCode, back.stderr).toBe(0);
  const { groups } = JSON.parse(back.stdout);
  expect(groups).toHaveLength(1);
  const [{ kind, moved, settled, failures, compared }] = groups;
  expect(kind).toBe("returned");
  expect(moved).toMatchObject([
    { from: related, to: home, epoch: 3, untold: [] },
    { from: related, to: home, epoch: 3, untold: [] },
  ]);
  expect(failures).toEqual([]);
  expect(settled.contested).toBeGreaterThanOrEqual(rivals.length / 2);
  expect(compared.outcomes.unrepaired).toBe(0);
  return { rivals, late, failbackMs };
}

function keepComing({ book, producer, first }: Scene): () => Promise<readonly Job[]> {
  const stopping = new AbortController();
  const late: Job[] = [];
  const coming = (async () => {
    while (!stopping.signal.aborted) {
      const job = book.next();
      await producer.hand([job], first.queue);
      late.push(job);
      await delay(lateEveryMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  })();
  // Heard when it is stopped.
  coming.catch(() => undefined);
  return async () => {
    stopping.abort();
    await coming;
    return late;
  };
}
