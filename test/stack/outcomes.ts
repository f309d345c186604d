/** What became of an encryptor's jobs, from its own metrics. */

import { eventually } from "@dekhand/testing";
import type { RunningEncryptor } from "./start-stack.ts";

/** Counts by outcome and reason, as "done stored", of both kinds of queue. */
export type Outcomes = Readonly<Record<string, number>>;

export async function outcomesOf({ metrics }: RunningEncryptor): Promise<Outcomes> {
  const counts: Record<string, number> = {};
  const metric = await metrics.registry.getSingleMetric("dekhand_jobs_outcomes_total")?.get();
  for (const { labels, value } of metric?.values ?? []) {
    const name = `${labels.outcome} ${labels.reason}`;
    counts[name] = (counts[name] ?? 0) + value;
  }
  return counts;
}

/** Waits until `count` more jobs than in `before` have their outcome, and gives what was counted meanwhile. */
export function outcomesSince(running: RunningEncryptor, before: Outcomes, count: number): Promise<Outcomes> {
  return eventually(
    async () => {
      const now = Object.entries(await outcomesOf(running));
      const fresh = now.map(([name, n]) => [name, n - (before[name] ?? 0)] as const).filter(([, n]) => n > 0);
      const total = fresh.reduce((sum, [, n]) => sum + n, 0);
      if (total !== count) throw new Error(`${total} of ${count} jobs have an outcome: ${JSON.stringify(fresh)}`);
      return Object.fromEntries(fresh);
    },
    { timeoutMs: 15_000 },
  );
}
