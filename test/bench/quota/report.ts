/** The benchmark's table, its targets and its method. */

import { type Column, type Row, type Target, target } from "../benchmark.ts";
import { median } from "../interleave.ts";
import type { ForegroundFigures } from "./figures.ts";
import { cutAtProgress, type Run } from "./run-contestant.ts";
import {
  accountQuota,
  contestantTitles,
  cutQuota,
  foregroundPerSecond,
  inFlight,
  latencyMs,
  share,
  workers,
} from "./settings.ts";
import type { Sizes } from "./sizes.ts";
import { blobCount } from "./stage.ts";

export interface Outcome {
  readonly sizes: Sizes;
  /** Whether the embedded KMS and the foreground tenant have the CPU before the workers. */
  readonly prioritised: boolean;
  /** ReEncrypts a second that the embedded KMS serves without quota and latency. */
  readonly capacity: number;
  /** Of each window in which the foreground tenant was alone. */
  readonly alone: readonly ForegroundFigures[];
  readonly runs: readonly Run[];
}

export const columns: readonly Column[] = [
  { key: "quota", title: "quota" },
  { key: "contestant", title: "contestant" },
  { key: "seconds", title: "time", unit: "s" },
  { key: "toShare", title: "rate / share", unit: "x" },
  { key: "onTheWire", title: "calls" },
  { key: "throttled", title: "throttled" },
  { key: "throttledPercent", title: "throttled", unit: "%" },
  { key: "putBack", title: "put back" },
  { key: "cpuMicros", title: "CPU a ReEncrypt", unit: "us" },
  { key: "foregroundP99", title: "foreground p99", unit: "ms" },
  { key: "toAlone", title: "p99 / alone", unit: "x" },
  { key: "foregroundThrottled", title: "foreground throttled" },
  { key: "foregroundFailed", title: "foreground failed" },
];

export function rowsOf({ alone, runs, capacity }: Outcome): readonly Row[] {
  const p99AloneMs = p99Of(alone);
  const first: Row = {
    quota: "steady",
    contestant: "nobody",
    foregroundP99: p99AloneMs,
    toAlone: 1,
    foregroundFailed: alone.reduce((total, { failed }) => total + failed, 0),
  };
  const last: Row = { quota: "none", contestant: "embedded KMS, saturated", toShare: capacity / share };
  return [first, ...runs.map((run) => rowOf(run, p99AloneMs)), last];
}

function rowOf(run: Run, p99AloneMs: number): Row {
  const { team, foreground } = run;
  return {
    quota: run.cutMs === undefined ? "steady" : "cut",
    contestant: contestantTitles[run.contestant],
    seconds: team.done < run.items ? `${text(team.done)} done in ${run.boundMs / 1000}` : team.seconds,
    toShare: toShare(run),
    onTheWire: team.onTheWire,
    throttled: team.throttled,
    throttledPercent: team.throttledPercent,
    putBack: team.putBack,
    cpuMicros: team.cpuMicrosPerItem,
    foregroundP99: foreground.p99Ms,
    toAlone: foreground.p99Ms / p99AloneMs,
    foregroundThrottled: run.foregroundThrottled,
    foregroundFailed: foreground.failed,
  };
}

export function targetsOf({ alone, runs, capacity }: Outcome): readonly Target[] {
  const ours = runs.filter(({ contestant, cutMs }) => contestant === "dekhand" && cutMs === undefined);
  return [
    ...ours.flatMap((run) => [
      target("Dekhand: rate / share", "at least", 0.97, toShare(run)),
      target("Dekhand: throttled calls (%)", "at most", 1, run.team.throttledPercent),
      target("Dekhand: foreground p99 / alone", "at most", 1.5, run.foreground.p99Ms / p99Of(alone)),
    ]),
    // Twice what all of them ask for within their rights.
    target("embedded KMS: calls/s", "at least", 2 * (share + foregroundPerSecond), capacity),
  ];
}

/** The median of the windows: a few seconds' noise of the machine must not make the foreground look slow alone. */
function p99Of(alone: readonly ForegroundFigures[]): number {
  return median(alone.map(({ p99Ms }) => p99Ms));
}

function toShare({ team }: Run): number {
  return team.perSecond / share;
}

export function methodOf({ sizes, prioritised, capacity, alone }: Outcome): string {
  return [
    `${workers} worker processes ReEncrypt ${text(sizes.items)} blobs, ${inFlight} in flight in each; ${blobCount} blobs are`,
    "used in turn, as one takes as long as another. Items that fail are put back at once and tried again.",
    `The embedded KMS, a process of its own, has an account quota of ${text(accountQuota)} calls/s with one second's burst,`,
    `and ${latencyMs} ms latency. Without both it served ${text(Math.round(capacity))} ReEncrypts/s on this machine.`,
    "Time: from the first call sent to the last item done; the start of the processes and",
    `${text(sizes.warmUpItems)} ReEncrypts without a quota, to warm them up, come before it. The ideal is`,
    `${sizes.items / share} s: the share of ${text(share)} calls/s.`,
    "Dekhand is configured to give all of the share to the campaign (reserve 0, campaign 1, floor 0.05,",
    `${workers} workers). A script cannot be told its share: a rate above 1 was taken from others.`,
    "Calls and throttled calls are HTTP requests, counted by the embedded KMS; put back: items that came back to the",
    "worker's loop with an error; CPU: user and system of the workers.",
    `Foreground: one plain SDK client with its default retries makes ${foregroundPerSecond} Decrypts/s at points in time`,
    "fixed beforehand, and latency counts from there to the answer or the final error, retries included.",
    "KMS and production stand for machines of their own: both had",
    `${prioritised ? "the CPU before the workers" : "no priority over the workers, since the system did not allow it"}.`,
    `Alone: before, between and after the runs, the median of ${alone.length} windows of ${sizes.aloneMs / 1000} s.`,
    `Cut: once ${100 * cutAtProgress} % of the items are done, the account's quota is ${cutQuota} calls/s for`,
    `${sizes.cutMs / 1000} s, then ${text(accountQuota)} again.`,
  ].join(" ");
}

function text(count: number): string {
  return count.toLocaleString("en-US");
}
