/** DEKs that records name and that neither of a pass's Regions has: sought in the deployment's other Regions. */

import { regionsOf } from "@dekhand/runtime";
import type { CallOptions } from "@dekhand/store";
import type { InspectOptions } from "./inspect-deks.ts";
import type { PassRun } from "./pass-run.ts";
import { type Repair, repairDek } from "./repair.ts";

/** One finding for each, unless it is another Region's affair. */
export async function seekLostDeks(run: PassRun, dekIds: readonly string[], options: InspectOptions): Promise<void> {
  const { home: region } = run.scope;
  for (const dekId of dekIds) {
    const owner = await ownerOf(run, dekId, options);
    const profile = owner === undefined ? undefined : await run.inScope(owner, options);
    // A copy of a record whose home is elsewhere: that home's pass sees what this Region lacks.
    if (owner !== undefined && !profile) continue;
    const repair: Repair =
      profile && run.deps.mode === "regional"
        ? await repairDek(run, { dekId, profile, at: region }, options)
        : { kind: "unrepaired", code: "RECOVERY_NO_SOURCE" };
    const how = repair.kind === "repaired" ? { from: repair.from } : { code: repair.code };
    const finding = { class: "dek-missing", outcome: repair.kind, region, dekId } as const;
    run.findings.add({ ...finding, profile: owner ?? "", ...how }, options.tally);
  }
}

/** The name of the profile that some Region's DEK of that id says. */
async function ownerOf({ deps, scope }: PassRun, dekId: string, options: CallOptions): Promise<string | undefined> {
  const regions = new Set(Object.values(deps.profiles).flatMap((profile) => regionsOf(profile)));
  for (const region of regions) {
    if (region === scope.home || region === scope.region) continue;
    const { stores } = deps.regionOf(region);
    const found = (await stores.deks.getMany([dekId], region, options)).get(dekId);
    if (found?.dek) return found.dek.profile;
  }
  return undefined;
}
