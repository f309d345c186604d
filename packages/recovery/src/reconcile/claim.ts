/**
 * Who is at a pass. One item in the home Region's state table: whoever writes it
 * last has the pass; who finds that somebody else has written it stops. A claim
 * that has not been renewed for a minute is anybody's, with the pass as far as it
 * has come.
 */

import { deadlineIn } from "@dekhand/runtime";
import type { CallOptions, ScanCheckpoint, StateStore } from "@dekhand/store";

const leaseMs = 60_000;
const renewMs = 15_000;
const letGoMs = 2_000;
/** Parts in a million: counts are whole numbers. */
const million = 1_000_000;

export interface ClaimRequest extends CallOptions {
  readonly everyMs: number;
  readonly takeOver: boolean;
  readonly probe: number;
}

export interface Claim {
  /** Of the pass, ISO 8601. */
  readonly startedAt: string;
  /** With which the pass began, whoever goes on with it. */
  readonly probe: number;
  /** False once somebody else has the pass. Throws StoreError, and the signal's reason. */
  keep(options: CallOptions): Promise<boolean>;
  /** The pass is over. */
  end(options: CallOptions): Promise<void>;
  /** The pass is not over, and anybody may go on with it at once. Does not throw. */
  letGo(): Promise<void>;
}

type State = Pick<StateStore, "getScan" | "saveScan">;

/** Throws StoreError, and the signal's reason. */
export async function claimPass(
  { state, now }: { readonly state: State; readonly now: () => number },
  name: string,
  { everyMs, takeOver, probe, signal }: ClaimRequest,
): Promise<Claim | "elsewhere" | "not-due"> {
  const [last] = await state.getScan(name, { signal });
  const isOpen = last !== undefined && last.doneAt === undefined;
  if (isOpen && !takeOver && now() - (last.counts.renewedAt ?? 0) < leaseMs) return "elsewhere";
  const resumed = isOpen && !takeOver ? last : undefined;
  if (last && !resumed && now() - Date.parse(last.startedAt) < everyMs) return "not-due";

  // A pass is told from the one before by its beginning: clocks may stand still, or be set back.
  const beginsAt = Math.max(now(), last ? Date.parse(last.startedAt) + 1 : 0);
  const startedAt = resumed?.startedAt ?? new Date(beginsAt).toISOString();
  const probePpm = resumed?.counts.probePpm ?? Math.round(probe * million);
  const segment = { index: 0, of: 1 };
  let claim: ScanCheckpoint = { name, segment, counts: {}, startedAt, seq: last?.seq ?? 0 };
  const write = async (changes: Partial<ScanCheckpoint>, options: CallOptions): Promise<boolean> => {
    const counts = { probePpm, renewedAt: now() };
    const saved = await state.saveScan({ ...claim, ...changes, counts }, options);
    if (saved.kind === "saved") claim = saved.checkpoint;
    return saved.kind === "saved";
  };
  if (!(await write({}, { signal }))) return "elsewhere";

  let keeping: Promise<boolean> | undefined;
  return {
    startedAt,
    probe: probePpm / million,
    async keep(options) {
      if (keeping) return keeping;
      if (now() - (claim.counts.renewedAt ?? 0) < renewMs) return true;
      // Several segments are at work: one of them renews for all.
      keeping = write({}, options).finally(() => {
        keeping = undefined;
      });
      return keeping;
    },
    async letGo() {
      using limit = deadlineIn(letGoMs, undefined);
      const counts = { probePpm, renewedAt: 0 };
      // Where this fails, the lease runs out.
      await state.saveScan({ ...claim, counts }, { signal: limit.signal }).catch(() => undefined);
    },
    async end(options) {
      await write({ doneAt: new Date(now()).toISOString() }, options);
    },
  };
}
