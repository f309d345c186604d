/** What a pass finds: counted by class and outcome, the first ones kept, logged and shown as a metric. */

import { type Logger, type Metrics, rateLimited } from "@dekhand/runtime";
import type { Tally } from "./tally.ts";

/**
 * - `…-missing`: it is not there. `…-stale`: an older one is there, or one under a key that the Region no longer has.
 * - `…-damaged`: what is there cannot be what was written: it cannot be read, does not fit its own digest or labels, or KMS
 *   does not take it for a wrap under that key and context.
 * - `…-differs`: both Regions have one that looks sound, and they are not the same one.
 * - `record-ahead`, `record-contested`: the replica Region has a newer one, or both have stored one by themselves: a
 *   failback settles it.
 */
export const FINDING_CLASSES = [
  "dek-missing",
  "dek-stale",
  "dek-damaged",
  "dek-differs",
  "wrap-missing",
  "wrap-stale",
  "wrap-damaged",
  "record-missing",
  "record-stale",
  "record-damaged",
  "record-differs",
  "record-ahead",
  "record-contested",
] as const;
export type FindingClass = (typeof FINDING_CLASSES)[number];

/**
 * - `owed`: it is debt now, which the replicator pays.
 * - `repaired`: a healthy Region's has taken its place.
 * - `unrepaired`: no Region has a healthy one, or it could not be told or written; `code` says why.
 * - `observed`: somebody else's to mend.
 */
export const FINDING_OUTCOMES = ["owed", "repaired", "unrepaired", "observed"] as const;
export type FindingOutcome = (typeof FINDING_OUTCOMES)[number];

export interface Finding {
  readonly class: FindingClass;
  readonly outcome: FindingOutcome;
  /** Where the fault is. */
  readonly region: string;
  readonly profile: string;
  readonly dekId?: string;
  readonly recordId?: string;
  /** Where the healthy one came from. */
  readonly from?: string;
  /** Why it was not repaired. */
  readonly code?: string;
}

export interface Findings {
  add(finding: Finding, tally: Tally): void;
  count(): number;
  /** At most 100. */
  first(): readonly Finding[];
}

const maxListed = 100;

export function createFindings(deps: { readonly logger: Logger; readonly metrics: Metrics }): Findings {
  const logger = rateLimited(deps.logger, { everyMs: 1_000 });
  const total = deps.metrics.counter("reconcile_findings_total", "What the reconciler found, by class and outcome", [
    "region",
    "class",
    "outcome",
  ]);
  const first: Finding[] = [];
  let count = 0;
  return {
    add(finding, tally) {
      const { class: kind, outcome, region } = finding;
      count += 1;
      if (first.length < maxListed) first.push(finding);
      tally.add(`found/${kind}`);
      tally.add(`outcome/${outcome}`);
      if (outcome === "observed") tally.add(`lacking/observed/${finding.profile}`);
      total.inc({ region, class: kind, outcome });
      const level = outcome === "unrepaired" ? "error" : outcome === "repaired" ? "warn" : "info";
      const key = `${kind} ${outcome}`;
      logger.log(level, key, finding, `the reconciler found a fault: ${kind}, ${outcome}`);
    },
    count: () => count,
    first: () => first,
  };
}
