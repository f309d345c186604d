/** One page of one Region's records, compared with the other's. */

import type { CallOptions, RecordHead } from "@dekhand/store";
import type { Tally } from "../reconcile/tally.ts";
import { isRecordId } from "../reconcile/usable-ids.ts";
import type { ReplicateFailure } from "../replicate/replicate-types.ts";
import { sideBySide } from "../replicate/side-by-side.ts";
import { carry } from "./carry.ts";
import { settleContest } from "./settle-contest.ts";
import type { SettleRun } from "./settle-run.ts";

interface PageOptions extends CallOptions {
  readonly tally: Tally;
}

const contestsAtOnce = 8;
/** Records that are copied together. */
const chunkRecords = 100;

/**
 * What the other Region has: the home gets what it lacks. Nobody else would bring it, as long as the other Region is not
 * the home. Throws StoreError where a Region cannot be read, and the signal's reason.
 */
export async function settleTheirs(run: SettleRun, scanned: readonly RecordHead[], options: PageOptions) {
  const heads = await inScope(run, scanned, options);
  const { lacking, differing } = await compare(heads, run.home.stores.records, options);
  await carryHome(run, lacking, { ...options, as: "copied" });
  await settleDiffering(run, differing, options);
}

/** What the home has: what the other Region lacks is owed to it, as any new record is. */
export async function settleOurs(run: SettleRun, scanned: readonly RecordHead[], options: PageOptions) {
  const heads = await inScope(run, scanned, options);
  const { lacking, differing } = await compare(heads, run.other.stores.records, options);
  await owe(run, lacking, options);
  await settleDiffering(run, differing, options);
}

/** Throws StoreError. `recordIds`: those that both Regions have, and not the same. */
export async function settleDiffering(run: SettleRun, recordIds: readonly string[], options: PageOptions) {
  if (recordIds.length === 0) return;
  const { home, other } = run;
  const [theirs, ours] = await Promise.all([
    other.stores.records.getHeads(recordIds, options),
    home.stores.records.getHeads(recordIds, options),
  ]);
  // All at once, for what is asked about each.
  const differing = [...theirs.heads.values(), ...ours.heads.values()];
  await run.profiles.deksOf(
    differing.map(({ dekId }) => dekId),
    options,
  );
  const newerThere: string[] = [];
  const newerHere: string[] = [];
  const contested: string[] = [];
  for (const recordId of recordIds) {
    const own = ours.heads.get(recordId);
    const their = theirs.heads.get(recordId);
    // One that cannot be read, the reconciler repairs.
    if (!own || !their) continue;
    const settlement = await run.settle(own, their, options);
    if (settlement.kind === "contest") contested.push(recordId);
    else if (settlement.kind === "newer") (settlement.winner === "first" ? newerHere : newerThere).push(recordId);
  }
  await carryHome(run, newerThere, { ...options, as: "replaced" });
  await owe(run, newerHere, options);
  await settleAll(run, contested, options);
}

/** Each by itself. Whether none has failed. */
export async function settleAll(run: SettleRun, recordIds: readonly string[], options: PageOptions): Promise<boolean> {
  const outcomes = await sideBySide(recordIds, contestsAtOnce, async (recordId) => {
    const outcome = await settleContest(run, recordId, options);
    if (outcome.kind === "failed") run.fail({ recordId, code: outcome.code }, options.tally);
    else if (outcome.kind === "settled") options.tally.add("contested");
    return outcome.kind !== "failed";
  });
  return outcomes.every((isSettled) => isSettled);
}

/** A copy that was refused because both Regions have stored the record. */
export function isWrittenTwice({ kind, code }: ReplicateFailure): boolean {
  return kind === "record" && code === "RECOVERY_WRITTEN_TWICE";
}

async function inScope(
  { profiles, scope }: SettleRun,
  scanned: readonly RecordHead[],
  options: CallOptions,
): Promise<readonly RecordHead[]> {
  const usable = scanned.filter(({ recordId }) => isRecordId(recordId));
  const found = await profiles.profilesOf(
    usable.map(({ dekId }) => dekId),
    options,
  );
  // Whose DEK is in neither Region, nobody can say, and it opens nowhere: that is the reconciler's finding.
  return usable.filter(({ dekId }) => scope.profiles.has(found.get(dekId) ?? ""));
}

async function compare(
  heads: readonly RecordHead[],
  records: SettleRun["home"]["stores"]["records"],
  options: CallOptions,
) {
  const lacking: string[] = [];
  const differing: string[] = [];
  if (heads.length === 0) return { lacking, differing };
  const ids = heads.map(({ recordId }) => recordId);
  const found = await records.getHeads(ids, options);
  const unreadable = new Set(found.malformed.map(({ recordId }) => recordId));
  for (const head of heads) {
    const there = found.heads.get(head.recordId);
    if (there && there.sealId !== head.sealId) differing.push(head.recordId);
    if (!there && !unreadable.has(head.recordId)) lacking.push(head.recordId);
  }
  return { lacking, differing };
}

async function carryHome(
  run: SettleRun,
  recordIds: readonly string[],
  { as, tally, signal }: PageOptions & { readonly as: "copied" | "replaced" },
): Promise<void> {
  const { scope, deps } = run;
  for (let from = 0; from < recordIds.length; from += chunkRecords) {
    const chunk = recordIds.slice(from, from + chunkRecords);
    const onKept = () => tally.add("contested");
    const ways = { from: scope.region, to: scope.home, deps, onKept, signal };
    const { arrived, failed } = await carry({ recordIds: chunk }, ways);
    tally.add(as, arrived.recordIds.length);
    const contested = failed.filter(isWrittenTwice).map(({ id }) => id);
    await settleAll(run, contested, { tally, signal });
    for (const failure of failed) {
      if (failure.kind !== "record" || isWrittenTwice(failure)) continue;
      run.fail({ recordId: failure.id, code: failure.code }, tally);
    }
  }
}

async function owe({ debt, deps }: SettleRun, recordIds: readonly string[], { tally, signal }: PageOptions) {
  if (recordIds.length === 0) return;
  const unnamed = await debt.unnamed({ dekIds: [], recordIds }, { signal });
  await debt.owe(unnamed, new Date(deps.now()).toISOString(), { signal });
  tally.add("owed", unnamed.recordIds.length);
  tally.add("known", recordIds.length - unnamed.recordIds.length);
}
