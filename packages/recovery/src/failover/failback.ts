/**
 * Makes a Region the home of profiles with both Regions well: after an outage, or
 * as a planned move. Everything is in both before the home moves, and what was
 * written on both sides meanwhile is settled: by revision, then by epoch, the
 * loser kept and listed.
 *
 * Nothing of it is lost with its process: run again, it goes on from where the
 * tables stand.
 */

import type {
  FailbackDeps,
  FailbackOptions,
  FailbackPlan,
  FailbackResult,
  FailbackWords,
  GroupResult,
} from "./failback-types.ts";
import { failbackRefusals } from "./plan-failback.ts";
import { refused } from "./plan-failover.ts";
import { returnGroup } from "./return-group.ts";

/**
 * Group by group, each through all steps. Throws RECOVERY_REFUSED, RECOVERY_HOME_CONTESTED, RECOVERY_FAILBACK_ELSEWHERE,
 * StoreError and KmsError where a Region cannot be asked for now, and the signal's reason.
 */
export async function failback(
  plan: FailbackPlan,
  words: FailbackWords,
  deps: FailbackDeps,
  options: FailbackOptions = {},
): Promise<FailbackResult> {
  const { keepHome = false } = options;
  const [refusal] = failbackRefusals(plan, { ...words, keepHome });
  if (refusal !== undefined) throw refused(refusal);
  const groups: GroupResult[] = [];
  for (const group of plan.groups) groups.push(await returnGroup({ group, plan, words }, deps, options));
  return { to: plan.to, groups };
}
