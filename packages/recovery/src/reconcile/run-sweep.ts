/**
 * Goes through all segments of one sweep of a pass, a few at once, page by page
 * at the pass's pace; a checkpoint after every page. What had been done before,
 * by whoever was at it, is not done again.
 */

import { allOrAbort } from "@dekhand/runtime";
import type { CallOptions, ScanCheckpoint, StateStore } from "@dekhand/store";
import type { Claim } from "./claim.ts";
import type { Pacer } from "./pacer.ts";
import { createTally, sumCounts, type Tally } from "./tally.ts";

export const SEGMENTS = 16;
/** Items of a page, at most: what the stores take where nothing is said. */
const pageItems = 500;
const lanes = 4;

export interface SweepRun {
  readonly state: Pick<StateStore, "getScan" | "saveScan">;
  readonly claim: Claim;
  readonly pacer: Pacer;
  readonly now: () => number;
}

export interface PageRequest {
  readonly segment: { readonly index: number; readonly of: number };
  readonly cursor: string | undefined;
  /** Of this page. */
  readonly tally: Tally;
  readonly signal: AbortSignal;
}

/** Looks at one page. Throws what makes all further ones pointless for now. */
export type LookAtPage = (page: PageRequest) => Promise<{ readonly looked: number; readonly cursor?: string }>;

export interface SweepOptions extends CallOptions {
  readonly onLooked: (looked: number) => void;
}

/** What the sweep counted, from the pass's beginning; undefined where somebody else has the pass. Throws what `look` throws. */
export async function runSweep(
  run: SweepRun,
  name: string,
  { look, onLooked, signal }: SweepOptions & { readonly look: LookAtPage },
): Promise<Readonly<Record<string, number>> | undefined> {
  const stored = (await run.state.getScan(name, { signal })).filter(({ segment }) => segment.of === SEGMENTS);
  const checkpoints = Array.from({ length: SEGMENTS }, (_, index) =>
    begin(
      name,
      index,
      run.claim.startedAt,
      stored.find(({ segment }) => segment.index === index),
    ),
  );
  const looked = () => checkpoints.reduce((sum, { counts }) => sum + (counts.looked ?? 0), 0);
  onLooked(looked());
  let isOurs = true;
  const open = [...checkpoints.keys()].filter((index) => checkpoints[index]?.doneAt === undefined).values();

  const lane = async (stop: AbortSignal) => {
    for (const index of open) {
      for (;;) {
        const before = checkpoints[index];
        if (!before || before.doneAt !== undefined) break;
        await run.pacer.turn(stop);
        if (isOurs) isOurs = await run.claim.keep({ signal: stop });
        if (!isOurs) return;
        const after = await nextPage(run, before, { look, signal: stop });
        if (!after) isOurs = false;
        if (!after) return;
        checkpoints[index] = after;
        onLooked(looked());
      }
    }
  };
  await allOrAbort(
    Array.from({ length: lanes }, () => lane),
    signal,
  );
  return isOurs ? sumCounts(checkpoints.map(({ counts }) => counts)) : undefined;
}

/** The segment's checkpoint in this pass: as far as it has come in it, or its beginning. */
function begin(name: string, index: number, startedAt: string, stored: ScanCheckpoint | undefined): ScanCheckpoint {
  if (stored?.startedAt === startedAt) return stored;
  return { name, segment: { index, of: SEGMENTS }, counts: {}, startedAt, seq: stored?.seq ?? 0 };
}

async function nextPage(
  run: SweepRun,
  before: ScanCheckpoint,
  { look, signal }: { readonly look: LookAtPage; readonly signal: AbortSignal },
): Promise<ScanCheckpoint | undefined> {
  const { name, segment, startedAt, cursor, counts, seq } = before;
  const tally = createTally();
  const page = await look({ segment, cursor, tally, signal });
  run.pacer.spend(page.cursor === undefined ? Math.min(1, page.looked / pageItems) : 1);
  tally.add("looked", page.looked);
  const next: ScanCheckpoint = {
    ...{ name, segment, startedAt, seq },
    counts: sumCounts([counts, tally.all()]),
    ...(page.cursor === undefined ? { doneAt: new Date(run.now()).toISOString() } : { cursor: page.cursor }),
  };
  const saved = await run.state.saveScan(next, { signal });
  if (saved.kind === "saved") return saved.checkpoint;

  // Somebody who had the pass before, or has it by now, was at this segment, too.
  const [found] = (await run.state.getScan(name, { signal })).filter(
    (other) => other.segment.index === segment.index && other.segment.of === segment.of,
  );
  if (!found || found.startedAt > startedAt) return undefined;
  if (found.startedAt === startedAt) return found;
  const again = await run.state.saveScan({ ...next, seq: found.seq }, { signal });
  return again.kind === "saved" ? again.checkpoint : undefined;
}
