/**
 * Tells replicators of new debt, through their Region's queue. It is a courtesy:
 * the debt stands in the table, and a replicator finds it there without being
 * told. So nobody waits for it, and what a queue does not take is forgotten.
 */

import type { JobProducer, ReplicateJobInput } from "@dekhand/jobs";
import { type Logger, type Metrics, rateLimited } from "@dekhand/runtime";
import type { DebtItem } from "@dekhand/store";

export interface DebtAnnouncerDeps {
  /** Made for each Region with its first debt. */
  readonly producerFor: (region: string) => Pick<JobProducer<ReplicateJobInput>, "submit" | "close">;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Items that may wait for a Region's queue; further ones are forgotten. Default 1,000. */
  readonly maxWaiting?: number;
}

export interface DebtAnnouncer {
  /** Does not throw and does not wait. */
  announce(items: readonly DebtItem[]): void;
  /** Forgets what waits, and closes the producers. */
  close(): Promise<void>;
}

/** Jobs handed to a queue at once. */
const atOnce = 50;

interface Line {
  readonly producer: ReturnType<DebtAnnouncerDeps["producerFor"]>;
  waiting: DebtItem[];
  sending: Promise<void> | undefined;
}

export function createDebtAnnouncer(deps: DebtAnnouncerDeps): DebtAnnouncer {
  const { producerFor, logger, metrics, maxWaiting = 1_000 } = deps;
  const warnings = rateLimited(logger, { everyMs: 30_000 });
  const forgotten = metrics.counter("debt_announcements_lost_total", "Debt items that no replicator was told of", [
    "region",
  ]);
  const lines = new Map<string, Line>();
  let closed = false;

  const lineTo = (region: string): Line => {
    const line = lines.get(region) ?? { producer: producerFor(region), waiting: [], sending: undefined };
    lines.set(region, line);
    return line;
  };

  const lose = (region: string, count: number, error?: unknown) => {
    forgotten.inc({ region }, count);
    const fields = { region, items: count, ...(error === undefined ? {} : { err: error }) };
    warnings.log("warn", region, fields, "replicators could not be told of debt; they find it by themselves");
  };

  const send = async (region: string, line: Line): Promise<void> => {
    while (line.waiting.length > 0 && !closed) {
      const items = line.waiting.splice(0, atOnce);
      try {
        const results = await line.producer.submit(items.map(toJob));
        const failures = results.flatMap((result) => (result.ok ? [] : [result.error]));
        if (failures.length > 0) lose(region, failures.length, failures[0]);
      } catch (error) {
        lose(region, items.length, error);
      }
    }
    line.sending = undefined;
  };

  return {
    announce(items) {
      if (closed) return;
      for (const [region, owed] of Map.groupBy(items, (item) => item.region)) {
        const line = lineTo(region);
        const taken = owed.slice(0, Math.max(0, maxWaiting - line.waiting.length));
        line.waiting.push(...taken);
        if (taken.length < owed.length) lose(region, owed.length - taken.length);
        line.sending ??= send(region, line);
      }
    },
    async close() {
      closed = true;
      await Promise.all([...lines.values()].map(({ producer }) => producer.close()));
      for (const { sending } of lines.values()) await sending;
    },
  };
}

function toJob({ id, region, dekIds, recordIds }: DebtItem): ReplicateJobInput {
  return { debtId: id, region, dekIds, recordIds };
}
