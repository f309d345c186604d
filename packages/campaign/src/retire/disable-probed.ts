import { wrapsFound } from "./begin-soak.ts";
import { findStanding } from "./find-standing.ts";
import type { ProbedWraps } from "./probe-findings.ts";
import { isClean, probeAll, type RetireRun, report } from "./retire-run.ts";
import type { RetireBlocker, RetireReport } from "./retire-types.ts";
import type { RetirementFacts } from "./retirement-record.ts";

export interface Proven {
  readonly probe: ProbedWraps;
  readonly facts: RetirementFacts;
  readonly notes: readonly string[];
  readonly soakMs: number;
}

/** An answer that took longer than that, in milliseconds, was given to what may no longer be so. */
const freshMs = 600_000;

/**
 * Asks, and disables the key. It is recorded first, conditional on the retirement as it was read: of two operators at once,
 * one goes on. Where KMS then refuses, the key is still enabled, and the next run tries again.
 */
export async function disableProbed(
  run: RetireRun,
  { facts, notes, soakMs, ...proven }: Proven,
): Promise<RetireReport> {
  const { key, record, deps, options } = run;
  const { kms, now } = deps;
  const { signal } = options;
  let { probe } = proven;
  if (!(await options.confirm(key))) return report(run, "declined", soakMs, { probe });
  if (now().getTime() - Date.parse(probe.endedAt) > freshMs) {
    probe = await probeAll(run);
    if (!isClean(probe, options)) return wrapsFound(run, soakMs, probe);
  }
  // To probe all wraps takes hours where there are many.
  const blockers = await newBlockers(run);
  if (blockers.length > 0) return report(run, "refused", soakMs, { blockers, probe });

  const probed = probe.stores.reduce((sum, { wraps }) => sum + wraps, 0);
  const next = { ...facts, emptyAt: run.beganAt, disabledAt: now().toISOString() };
  await record.save(next, ...notes, `of ${probed} wraps none is under the key: it is disabled`);
  await kms.disableKey(key.arn, { signal });
  return report(run, "disabled", soakMs, { key: await kms.describeKey(key.arn, { signal }), probe });
}

async function newBlockers({ key, deps, options: { signal } }: RetireRun): Promise<readonly RetireBlocker[]> {
  const { blockers } = await findStanding(key.arn, deps, { signal });
  if (await deps.leftKeys.leftKey(key.arn, { signal })) return blockers;
  return [
    ...blockers,
    { kind: "returned", message: "a campaign has gone back to the key while its wraps were probed" },
  ];
}
