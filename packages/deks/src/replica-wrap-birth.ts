/**
 * The replica Regions' wraps of a DEK that is being born: as many as are there
 * within a budget of time. What is not there in time is debt, and a Region that
 * was late or failed is not waited for again for a while: ingestion does not go
 * at another Region's pace.
 */

import { deadlineIn, type Logger, type Metrics, rateLimited, systemClock, waitFor } from "@dekhand/runtime";
import type { CallOptions, Wrap } from "@dekhand/store";
import { makeReplicaWrap, type ReplicaWrapDeps, type ReplicaWrapRequest } from "./replica-wrap.ts";

export interface ReplicaWrapsDeps extends ReplicaWrapDeps {
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** How long a birth may wait for all of them, in milliseconds. Default 300. */
  readonly budgetMs?: number;
}

export interface ReplicaWraps {
  /** Wraps of a DEK with this `key`, which stays the caller's. Does not throw. */
  atBirth(dek: Omit<ReplicaWrapRequest, "region">, options?: CallOptions): Promise<readonly Wrap[]>;
}

/** How long a Region is left out after it was late or failed, in milliseconds; doubles up to the cap. */
const pause = { baseMs: 5_000, capMs: 60_000 };

interface Trouble {
  readonly times: number;
  readonly until: number;
}

export function createReplicaWraps(deps: ReplicaWrapsDeps): ReplicaWraps {
  const { logger, metrics, budgetMs = 300, clock = systemClock } = deps;
  const warnings = rateLimited(logger, { everyMs: 10_000 });
  const outcomes = metrics.counter("replica_wraps_at_birth_total", "Wraps for replica Regions, by what came of them", [
    "region",
    "strategy",
    "outcome",
  ]);
  const troubles = new Map<string, Trouble>();

  const make = async (request: ReplicaWrapRequest, signal: AbortSignal): Promise<Wrap | undefined> => {
    const { profile, region } = request;
    const place = `${profile.name}\n${region}`;
    const labels = { region, strategy: profile.replicas[region]?.strategy ?? "" };
    const trouble = troubles.get(place);
    if (trouble && clock.monotonic() < trouble.until) {
      outcomes.inc({ ...labels, outcome: "skipped" });
      return undefined;
    }
    try {
      const wrap = await waitFor(makeReplicaWrap(request, deps, { signal, deadlineMs: budgetMs }), signal);
      troubles.delete(place);
      outcomes.inc({ ...labels, outcome: "made" });
      return wrap;
    } catch (error) {
      outcomes.inc({ ...labels, outcome: signal.aborted ? "late" : "failed" });
      // Births that fail together are one trouble.
      if (troubles.get(place) === trouble) troubles.set(place, next(trouble, clock.monotonic()));
      const fields = { err: error, profile: profile.name, region };
      warnings.log("warn", place, fields, "a replica Region's wrap was not there in time; it will be made later");
      return undefined;
    }
  };

  return {
    async atBirth(dek, { signal } = {}) {
      const regions = Object.keys(dek.profile.replicas);
      if (regions.length === 0) return [];
      using budget = deadlineIn(budgetMs, signal);
      const made = await Promise.all(regions.map((region) => make({ ...dek, region }, budget.signal)));
      return made.flatMap((wrap) => wrap ?? []);
    },
  };
}

function next(before: Trouble | undefined, now: number): Trouble {
  const times = (before?.times ?? 0) + 1;
  return { times, until: now + Math.min(pause.capMs, pause.baseMs * 2 ** Math.min(times - 1, 10)) };
}
