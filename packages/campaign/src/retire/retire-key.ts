/**
 * Takes a KMS key from "nothing should need it any more" to disabled, one step a
 * run: check and probe, soak, probe again, disable. Its deletion is a command of
 * its own (schedule-deletion.ts).
 *
 * Nothing is believed that can be asked: KMS says of every wrap whether it is
 * under the key. The state table keeps how far it has come, every change
 * conditional on what was read.
 */

import { beginSoak } from "./begin-soak.ts";
import { goOnSoaking } from "./go-on-soaking.ts";
import { pendingDeletion, stuckKey } from "./key-states.ts";
import { openRun, report } from "./retire-run.ts";
import type { RetireDeps, RetireOptions, RetireReport } from "./retire-types.ts";
import { without } from "./retirement-record.ts";
import { soakOf } from "./soak.ts";

/**
 * Does what is due, and reports it. Throws CAMPAIGN_PLAN_INVALID for a soak that is not longer than backups are kept,
 * CAMPAIGN_PROBE_STOPPED, STORE_RETIREMENT_CHANGED where another operator came between, KmsErrors, StoreErrors and the
 * signal's reason.
 */
export async function retireKey(reference: string, deps: RetireDeps, options: RetireOptions): Promise<RetireReport> {
  const run = await openRun(reference, deps, options);
  const { key, stage, record, standing } = run;
  const soak = soakOf(options, record.current);
  const { soakMs } = soak;
  const { current } = record;
  if (stage === "deletion-pending") return pendingDeletion(run, soakMs);
  if (stage === "stuck") return report(run, "refused", soakMs, { blockers: [stuckKey(key)] });
  if (stage === "disabled") {
    if (current?.deletionAt !== undefined) {
      await record.save(without(current, "deletionAt"), "its deletion was cancelled; the key is still disabled");
    }
    return report(run, "already-disabled", soakMs);
  }
  if (standing.blockers.length > 0) return report(run, "refused", soakMs, { blockers: standing.blockers });
  if (stage === "to-be-probed" || current === undefined) return beginSoak(run, soak);
  return goOnSoaking(run, current, soak);
}
