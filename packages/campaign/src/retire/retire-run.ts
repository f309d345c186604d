/** What one run of a retirement knows, and the report that it ends with. */

import type { KeyDescription, KeyLastUsage } from "@dekhand/kms";
import { findStanding, type KeyStanding } from "./find-standing.ts";
import { guardStatement } from "./guard-statement.ts";
import type { ProbedWraps } from "./probe-findings.ts";
import { probeStores } from "./probe-stores.ts";
import type { RetireBlocker, RetireCallOptions, RetireDeps, RetireOutcome, RetireReport } from "./retire-types.ts";
import { openRecord, type RetirementRecord } from "./retirement-record.ts";
import { type RetirementStage, retirementStage } from "./retirement-stage.ts";

export interface RetireRun {
  readonly key: KeyDescription;
  readonly stage: RetirementStage;
  readonly record: RetirementRecord;
  readonly standing: KeyStanding;
  /** The last use that KMS tells; undefined where it does not know such a thing. */
  readonly usage: KeyLastUsage | undefined;
  /** When the run began, before anything was asked; ISO 8601. */
  readonly beganAt: string;
  readonly deps: RetireDeps;
  readonly options: RetireCallOptions;
}

/** Throws KmsError where the key is not there or may not be asked about. */
export async function openRun(reference: string, deps: RetireDeps, options: RetireCallOptions): Promise<RetireRun> {
  const { kms, state, now } = deps;
  const { signal, actor } = options;
  const beganAt = now().toISOString();
  const key = await kms.describeKey(reference, { signal });
  const record = await openRecord(key.arn, { state, now, actor }, { signal });
  const standing = await findStanding(key.arn, deps, { signal });
  const usage = await kms.keyLastUsage(key.arn, { signal });
  const stage = retirementStage(record.current, key, now());
  return { key, stage, record, standing, usage, beganAt, deps, options };
}

/** Whether KMS knows of a use after that time. */
export function isUsedSince({ usage }: Pick<RetireRun, "usage">, at: string): boolean {
  return usage?.usedAt !== undefined && Date.parse(usage.usedAt) > Date.parse(at);
}

export function describeUse({ usage }: Pick<RetireRun, "usage">): string {
  return `${usage?.operation ?? "an operation"} at ${usage?.usedAt ?? "a time not told"}`;
}

/** Every wrap of every known store of the key's Region. */
export async function probeAll({ key, deps, options }: RetireRun): Promise<ProbedWraps> {
  return probeStores(key.arn, await deps.stores(), deps, options);
}

/** Whether nothing speaks against going on, an operator's word on wraps that nobody can judge included. */
export function isClean({ under, unknown }: ProbedWraps, { acceptUnknown }: RetireCallOptions): boolean {
  return under.count === 0 && (unknown.count === 0 || acceptUnknown !== undefined);
}

/** For the notes: an operator's word, where it was needed. */
export function acceptedUnknown({ unknown }: ProbedWraps, { acceptUnknown }: RetireCallOptions): readonly string[] {
  if (unknown.count === 0) return [];
  const where = unknown.first.slice(0, 3).map(({ store, id }) => `${store} ${id}`);
  return [`accepted ${unknown.count} wraps that nobody can judge (${where.join(", ")}): ${acceptUnknown}`];
}

export interface ReportParts {
  readonly key?: KeyDescription;
  readonly blockers?: readonly RetireBlocker[];
  readonly probe?: ProbedWraps;
  readonly warnings?: readonly string[];
}

export function report(run: RetireRun, outcome: RetireOutcome, soakMs: number, parts: ReportParts = {}): RetireReport {
  const { record, standing, usage } = run;
  const { key = run.key, blockers = [], probe, warnings = [] } = parts;
  return {
    outcome,
    key,
    ...(record.current === undefined ? {} : { retirement: record.current }),
    blockers,
    warnings: [...warnings, ...ownWarnings(run)],
    listed: standing.listed,
    leftBy: standing.leftBy,
    ...(probe === undefined ? {} : { probe }),
    ...(usage === undefined ? {} : { usage }),
    guard: guardStatement(soakMs),
  };
}

function ownWarnings({ key, usage, record: { current }, stage, deps }: RetireRun): readonly string[] {
  const warnings: string[] = [];
  const { region } = deps.kms;
  if (usage === undefined) warnings.push("KMS does not tell here when the key was last used");
  const related = [...new Set([key.primaryRegion ?? region, ...(key.replicaRegions ?? [])])].filter(
    (one) => one !== region,
  );
  if (related.length > 0) {
    warnings.push(`a multi-Region key: those related to it, in ${related.join(", ")}, are retired each by itself`);
  }
  if (current?.disabledAt !== undefined && (stage === "soaking" || stage === "soaked")) {
    warnings.push(`it was to be disabled at ${current.disabledAt}, and is enabled`);
  }
  return warnings;
}
