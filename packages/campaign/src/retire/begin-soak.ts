import { newCampaignId } from "../start-campaign.ts";
import { findStanding } from "./find-standing.ts";
import type { ProbedWraps } from "./probe-findings.ts";
import { acceptedUnknown, isClean, probeAll, type RetireRun, report } from "./retire-run.ts";
import type { RetireReport } from "./retire-types.ts";
import { without } from "./retirement-record.ts";
import { type Soak, soakEnd } from "./soak.ts";

/** Probes every wrap; where none is under the key, the soak begins, or `again` for that reason. */
export async function beginSoak(run: RetireRun, { soakMs, backupsDays }: Soak, again?: string): Promise<RetireReport> {
  const { record, options } = run;
  const probe = await probeAll(run);
  if (!isClean(probe, options)) return wrapsFound(run, soakMs, probe);
  // Probing takes hours where wraps are many: a campaign may be on its way back to the key, which must not be marked as left.
  const { blockers } = await findStanding(run.key.arn, run.deps, { signal: options.signal });
  if (blockers.length > 0) return report(run, "refused", soakMs, { blockers, probe });
  await leaveKey(run);
  // Backups that were made while the wraps were probed count as made before.
  const startedAt = probe.endedAt;
  const soakUntil = soakEnd(startedAt, soakMs);
  const facts = { startedAt, startedBy: options.actor, backupsDays, soakUntil, emptyAt: run.beganAt };
  const why = again === undefined ? "no wrap is under the key" : again;
  await record.save(facts, ...acceptedUnknown(probe, options), `${why}: it soaks until ${soakUntil}`);
  const warnings = again === undefined ? [] : [`${again}: the soak begins anew`];
  return report(run, again === undefined ? "soak-begun" : "soak-restarted", soakMs, { probe, warnings });
}

/** A wrap under the key ends the soak: it was not unused. What nobody can judge does not. */
export async function wrapsFound(run: RetireRun, soakMs: number, probe: ProbedWraps): Promise<RetireReport> {
  const { record } = run;
  if (probe.under.count > 0 && record.current?.emptyAt !== undefined) {
    const found = `${probe.under.count} wraps are under the key: its soak has ended`;
    await record.save(without(record.current, "emptyAt", "disabledAt"), found);
  }
  return report(run, "wraps-found", soakMs, { probe });
}

/**
 * From here on no worker makes a DEK under the key, one with an old configuration neither. A campaign that has left it has
 * seen to that before.
 */
async function leaveKey({ key, deps, options: { signal } }: RetireRun): Promise<void> {
  if (await deps.leftKeys.leftKey(key.arn, { signal })) return;
  const mark = { keyArn: key.arn, campaignId: `retirement-${newCampaignId()}`, at: deps.now().toISOString() };
  await deps.leftKeys.leaveKey(mark, { signal });
}
