/**
 * Brings back to *retiring* what was retired too early. A retired DEK opens what is
 * sealed under it like any other; but a record under it would be lost with its
 * wraps, once those are deleted. As *retiring* it is kept, and the next reseal that
 * selects it takes its records.
 */

import type { CallOptions } from "@dekhand/store";
import { type CountHeadsOptions, eachHead } from "./count-heads.ts";
import type { ResealRegion } from "./reseal-region.ts";
import { MAX_SELECTED_DEKS } from "./reseal-selection.ts";

export interface ReviveDeps<R = ResealRegion> {
  /** All that have tables. */
  readonly regions: readonly R[];
  readonly now?: () => Date;
}

/** Whether it was retired anywhere, and is retiring now. Throws StoreErrors, and the signal's reason. */
export async function reviveDek(
  dekId: string,
  { regions, now = () => new Date() }: ReviveDeps<Pick<ResealRegion, "deks">>,
  options: CallOptions = {},
): Promise<boolean> {
  const at = now().toISOString();
  let revived = false;
  for (const { deks } of regions) {
    const outcome = await deks.setStatus(dekId, { from: "retired", to: "retiring", at }, options);
    revived ||= outcome === "changed";
  }
  return revived;
}

export interface RevivedDeks {
  readonly count: number;
  /** The first of them, as many as one reseal may select. */
  readonly deks: readonly string[];
}

/** Looks at every head of every Region. Throws StoreErrors, and the signal's reason; some DEKs may then be revived. */
export async function reviveNamed(deps: ReviveDeps, options: CountHeadsOptions = {}): Promise<RevivedDeks> {
  const deks: string[] = [];
  let count = 0;
  for (const region of deps.regions) {
    const isNew = createRecentSet(10_000);
    await eachHead(region, options, async (dekId, _, signal) => {
      // What was looked at a moment ago has been revived, or had no need of it.
      if (dekId === undefined || !isNew(dekId)) return;
      const dek = await region.deks.getSummary(dekId, { signal });
      if (dek?.status !== "retired" || !(await reviveDek(dekId, deps, { signal }))) return;
      count += 1;
      if (deks.length < MAX_SELECTED_DEKS) deks.push(dekId);
    });
  }
  return { count, deks };
}

/** Tells whether a text is none of the last so many. */
function createRecentSet(max: number): (text: string) => boolean {
  const recent = new Set<string>();
  return (text) => {
    if (recent.has(text)) return false;
    recent.add(text);
    const [eldest] = recent;
    if (recent.size > max && eldest !== undefined) recent.delete(eldest);
    return true;
  };
}
