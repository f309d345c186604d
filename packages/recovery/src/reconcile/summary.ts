/** A pass's counts as a summary, and the summary of the last finished pass in the state table. */

import type { CallOptions, StateStore } from "@dekhand/store";
import { FINDING_CLASSES, FINDING_OUTCOMES, type FindingOutcome } from "./findings.ts";
import type { Coverage, Lacking, ReconcileScope, ReconcileSummary } from "./reconcile-types.ts";

/** What is counted of each profile, as `<name>/<profile>`. */
const coverageCounts: CountsOf<keyof Coverage> = {
  names: ["deks", "deksArrived", "records", "recordsArrived"],
  none: { deks: 0, deksArrived: 0, records: 0, recordsArrived: 0 },
};

/** The same, as `lacking/<name>/<profile>`. */
const lackingCounts: CountsOf<keyof Lacking> = {
  names: ["deks", "records", "observed"],
  none: { deks: 0, records: 0, observed: 0 },
};

interface CountsOf<Name extends string> {
  readonly names: readonly Name[];
  readonly none: Readonly<Record<Name, number>>;
}

type Counts = Readonly<Record<string, number>>;
type State = Pick<StateStore, "getScan" | "saveScan">;

export function toSummary(
  { home, region }: ReconcileScope,
  counts: Counts,
  times: { readonly startedAt: string; readonly endedAt: string },
): ReconcileSummary {
  const at = (name: string): number => (Object.hasOwn(counts, name) ? (counts[name] ?? 0) : 0);
  const found = FINDING_CLASSES.map((kind) => [kind, at(`found/${kind}`)] as const).filter(([, count]) => count > 0);
  const outcomes: Record<FindingOutcome, number> = { owed: 0, repaired: 0, unrepaired: 0, observed: 0 };
  for (const outcome of FINDING_OUTCOMES) outcomes[outcome] = at(`outcome/${outcome}`);
  return {
    home,
    region,
    ...times,
    coverage: byProfile(counts, "", coverageCounts),
    lacking: byProfile(counts, "lacking/", lackingCounts),
    found: Object.fromEntries(found),
    outcomes,
    known: at("known"),
    probed: at("probed"),
    unproven: at("unproven"),
  };
}

/** Of the last pass that was finished. Throws StoreError, and the signal's reason. */
export async function readSummary(
  state: Pick<State, "getScan">,
  scope: ReconcileScope,
  options: CallOptions = {},
): Promise<ReconcileSummary | undefined> {
  const [last] = await state.getScan(nameOf(scope), options);
  return last?.doneAt === undefined
    ? undefined
    : toSummary(scope, last.counts, { startedAt: last.startedAt, endedAt: last.doneAt });
}

/** Of two passes that end at once, the one that began later stays. */
export async function saveSummary(
  state: State,
  scope: ReconcileScope,
  { counts, startedAt, doneAt }: { readonly counts: Counts; readonly startedAt: string; readonly doneAt: string },
  options: CallOptions,
): Promise<void> {
  const name = nameOf(scope);
  for (let tries = 0; tries < 3; tries += 1) {
    const [before] = await state.getScan(name, options);
    if (before && before.startedAt > startedAt) return;
    const next = { name, segment: { index: 0, of: 1 }, counts, startedAt, doneAt, seq: before?.seq ?? 0 };
    if ((await state.saveScan(next, options)).kind === "saved") return;
  }
}

function nameOf({ home, region }: ReconcileScope): string {
  return `reconciled/${home}/${region}`;
}

/** What is counted as `<prefix><name>/<profile>`, of each profile of which anything is. */
function byProfile<Name extends string>(
  counts: Counts,
  prefix: string,
  { names, none }: CountsOf<Name>,
): Readonly<Record<string, Readonly<Record<Name, number>>>> {
  const profiles = new Map<string, Record<Name, number>>();
  for (const [counted, count] of Object.entries(counts)) {
    const name = names.find((known) => counted.startsWith(`${prefix}${known}/`));
    if (name === undefined) continue;
    const profile = counted.slice(`${prefix}${name}/`.length);
    const sums: Record<Name, number> = profiles.get(profile) ?? { ...none };
    sums[name] += count;
    profiles.set(profile, sums);
  }
  return Object.fromEntries(profiles);
}
