/** What single calls and workers report, put together. */

import type { CallCount } from "./embedded-kms.ts";
import type { Window, WorkerResult } from "./settings.ts";

/** The nearest-rank percentile, `rank` from 0 to 1: a value that was measured. NaN of nothing. */
export function percentile(values: readonly number[], rank: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(rank * sorted.length) - 1)] ?? Number.NaN;
}

/** One call of the foreground tenant. */
export interface ForegroundCall {
  /** When it should have been sent. */
  readonly dueMs: number;
  /** From then to its answer, or to the error that the SDK's own retries ended with. */
  readonly latencyMs: number;
  readonly failed: boolean;
}

export interface ForegroundFigures {
  readonly calls: number;
  readonly failed: number;
  readonly medianMs: number;
  readonly p99Ms: number;
}

/** Of the calls that were due within the window. */
export function foregroundFigures(calls: readonly ForegroundCall[], [from, until]: Window): ForegroundFigures {
  const counted = calls.filter(({ dueMs }) => dueMs >= from && dueMs < until);
  const latencies = counted.map(({ latencyMs }) => latencyMs);
  return {
    calls: counted.length,
    failed: counted.filter(({ failed }) => failed).length,
    medianMs: percentile(latencies, 0.5),
    p99Ms: percentile(latencies, 0.99),
  };
}

export interface TeamFigures {
  /** From the first call of any worker to the last one done. */
  readonly window: Window;
  readonly seconds: number;
  readonly done: number;
  /** ReEncrypts done a second. */
  readonly perSecond: number;
  readonly putBack: number;
  readonly onTheWire: number;
  readonly throttled: number;
  /** Throttled calls of 100 on the wire. */
  readonly throttledPercent: number;
  readonly cpuMicrosPerItem: number;
}

export function teamFigures(results: readonly WorkerResult[], { onTheWire, throttled }: CallCount): TeamFigures {
  const from = Math.min(...results.map(({ firstCallMs }) => firstCallMs));
  const until = Math.max(...results.map(({ lastDoneMs }) => lastDoneMs));
  const seconds = (until - from) / 1000;
  const done = sum(results.map((result) => result.done));
  return {
    window: [from, until],
    seconds,
    done,
    perSecond: done / seconds,
    putBack: sum(results.map(({ putBack }) => putBack)),
    onTheWire,
    throttled,
    throttledPercent: (100 * throttled) / onTheWire,
    cpuMicrosPerItem: sum(results.map(({ cpuMicros }) => cpuMicros)) / done,
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
