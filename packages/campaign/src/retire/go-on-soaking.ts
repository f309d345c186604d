import type { Retirement } from "@dekhand/store";
import { beginSoak, wrapsFound } from "./begin-soak.ts";
import { disableProbed } from "./disable-probed.ts";
import { acceptedUnknown, describeUse, isClean, isUsedSince, probeAll, type RetireRun, report } from "./retire-run.ts";
import type { RetireReport } from "./retire-types.ts";
import { type RetirementFacts, without } from "./retirement-record.ts";
import { type Soak, soakEnd } from "./soak.ts";

/** Until the soak's end, only looks whether the key was used; afterwards probes every wrap once more, and disables it. */
export async function goOnSoaking(run: RetireRun, current: Retirement, soak: Soak): Promise<RetireReport> {
  const { record, deps, options, key } = run;
  const { soakMs, backupsDays } = soak;
  const { signal, acceptUse } = options;
  const isUsed = isUsedSince(run, current.emptyAt ?? current.startedAt);
  if (isUsed && acceptUse === undefined) return beginSoak(run, soak, `the key was used (${describeUse(run)})`);
  if (!(await deps.leftKeys.leftKey(key.arn, { signal }))) {
    return beginSoak(run, soak, "a campaign has gone back to the key since");
  }

  const soakUntil = soakEnd(current.startedAt, soakMs);
  const facts: RetirementFacts = { ...without(current, "disabledAt"), backupsDays, soakUntil };
  const notes = soak.isChanged ? [`it soaks until ${soakUntil}, for backups that are kept ${backupsDays} days`] : [];
  const isOver = deps.now().getTime() >= Date.parse(soakUntil);
  if (!isOver && !isUsed) {
    if (soak.isChanged) await record.save(facts, ...notes);
    return report(run, "soaking", soakMs);
  }
  // Whatever used the key may have left a wrap under it.
  const probe = await probeAll(run);
  if (!isClean(probe, options)) return wrapsFound(run, soakMs, probe);
  const settled = [
    ...notes,
    ...acceptedUnknown(probe, options),
    ...(isUsed ? [`accepted that the key was used (${describeUse(run)}): ${acceptUse}`] : []),
  ];
  if (isOver) return disableProbed(run, { probe, facts, notes: settled, soakMs });
  await record.save({ ...facts, emptyAt: run.beganAt }, ...settled);
  return report(run, "soaking", soakMs, { probe });
}
