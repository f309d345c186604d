/**
 * Which Regions were in trouble lately, and who finds out whether they are back.
 *
 * States of a Region, as this process sees it:
 * - good: it is asked at its place in the order;
 * - bad: it is asked last, until a pause is over;
 * - due: the next read asks it at its place, as a probe; until that has ended, all others still ask it last.
 *
 * Transitions:
 * - good -> bad: a turn failed;
 * - due -> good: the probe was answered;
 * - due -> bad: the probe failed. The pause grows, up to its cap;
 * - due -> due: the probe says nothing; the next read is one.
 *
 * Going away from a Region is at once and everybody's; coming back is spread: each process draws its pause anew, with
 * full jitter, and lets one read through at a time. Only the probe brings a Region back, however many last turns were
 * answered, and a turn speaks only in the state in which it was taken: what was sent before the trouble, and ends after
 * it, neither lengthens the pause nor ends it.
 */

import { type Clock, fullJitterDelay, type Logger, type Metrics, systemClock } from "@dekhand/runtime";

/** `answered`: the Region is there, whatever it said; `failed`: it is not; `nothing`: the turn tells nothing of it. */
export type TurnVerdict = "answered" | "failed" | "nothing";

/** One Region's turn in one read. */
export interface Turn {
  readonly region: string;
  /** Exactly once, and before the next turn is taken. */
  end(verdict: TurnVerdict): void;
}

export interface RegionMemory {
  /** The Regions of `order` one by one, as they are when they are come to; bad ones last, the longest in trouble first. */
  turns(order: readonly string[]): Iterable<Turn>;
}

export interface RegionMemoryDeps {
  readonly metrics: Metrics;
  readonly logger: Logger;
  readonly clock?: Pick<Clock, "monotonic">;
  /** Uniform in [0, 1). Default Math.random. */
  readonly random?: () => number;
}

/** A new object for each stretch of a state: a turn keeps the one it was taken in. */
type Standing =
  | { readonly state: "good"; readonly sinceMs: number; readonly pauses: number }
  | { readonly state: "bad"; readonly untilMs: number; readonly pauses: number; failedAtMs: number; probing: boolean };

/** Upper edges of the first pause and of the longest, in milliseconds. */
const pause = { baseMs: 5_000, capMs: 60_000 };

export function createRegionMemory(deps: RegionMemoryDeps): RegionMemory {
  const { metrics, logger, clock = systemClock, random = Math.random } = deps;
  const standings = new Map<string, Standing>();
  const bad = metrics.gauge("client_region_bad", "1 while reads ask a Region last, after trouble there", ["region"]);

  const standingOf = (region: string): Standing => {
    const known = standings.get(region);
    if (known) return known;
    const fresh: Standing = { state: "good", sinceMs: Number.NEGATIVE_INFINITY, pauses: 0 };
    standings.set(region, fresh);
    bad.set({ region }, 0);
    return fresh;
  };

  const leave = (region: string, from: Standing) => {
    const now = clock.monotonic();
    // One that fails again soon after it came back was not back: its pauses go on growing.
    const isNews = from.state === "good" && now - from.sinceMs >= pause.capMs;
    const pauses = isNews ? 1 : from.pauses + 1;
    const pauseMs = fullJitterDelay(pauses, { ...pause, random });
    standings.set(region, { state: "bad", untilMs: now + pauseMs, pauses, failedAtMs: now, probing: false });
    bad.set({ region }, 1);
    if (from.state === "good") logger.warn({ region }, "a Region does not answer reads; it is asked last for a while");
  };

  const comeBack = (region: string, { pauses }: Standing) => {
    standings.set(region, { state: "good", sinceMs: clock.monotonic(), pauses });
    bad.set({ region }, 0);
    logger.info({ region }, "a Region answers reads again");
  };

  /** Undefined where the Region has to wait until all others were asked. */
  const ownTurn = (region: string): Turn | undefined => {
    const standing = standingOf(region);
    if (standing.state === "bad") {
      if (standing.probing || clock.monotonic() < standing.untilMs) return undefined;
      standing.probing = true;
    }
    return {
      region,
      end(verdict) {
        if (standings.get(region) !== standing) return;
        if (standing.state === "bad") standing.probing = false;
        if (verdict === "failed") leave(region, standing);
        if (verdict === "answered" && standing.state === "bad") comeBack(region, standing);
      },
    };
  };

  const lastTurn = (region: string): Turn => {
    const standing = standingOf(region);
    return {
      region,
      end(verdict) {
        if (verdict === "failed" && standing.state === "bad") standing.failedAtMs = clock.monotonic();
      },
    };
  };

  const failedAt = (region: string): number => {
    const standing = standingOf(region);
    return standing.state === "bad" ? standing.failedAtMs : Number.NEGATIVE_INFINITY;
  };

  return {
    *turns(order) {
      const waiting: string[] = [];
      for (const region of order) {
        const turn = ownTurn(region);
        if (turn) yield turn;
        else waiting.push(region);
      }
      for (const region of waiting.toSorted((a, b) => failedAt(a) - failedAt(b))) {
        yield ownTurn(region) ?? lastTurn(region);
      }
    },
  };
}
