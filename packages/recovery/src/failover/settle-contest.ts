/**
 * Settles a record that two Regions have each stored: the loser is kept beside,
 * and listed in both; then the winner takes its place, where it is still there as
 * it was read. DEK and wrap come first. Repeating any of it is safe.
 */

import { ENVELOPE_OVERHEAD_BYTES } from "@dekhand/envelope";
import { DekhandError } from "@dekhand/errors";
import type { CallOptions, StoredRecord } from "@dekhand/store";
import type { ReconcileRegion } from "../reconcile/reconcile-types.ts";
import { keepRecord } from "../replicate/keep-record.ts";
import { carry } from "./carry.ts";
import type { Settlement } from "./settle.ts";
import type { SettleRun } from "./settle-run.ts";

/** `settled`: both Regions have the winner. Else the code of what was in the way. */
export type Contested =
  | { readonly kind: "settled" | "same" }
  | { readonly kind: "failed"; readonly code: string; readonly retryable: boolean };

/** Readings of a record that somebody else keeps changing. */
const maxTries = 4;

/** Throws the signal's reason. */
export async function settleContest(run: SettleRun, recordId: string, options: CallOptions): Promise<Contested> {
  try {
    for (let tries = 1; tries <= maxTries; tries += 1) {
      const settled = await attempt(run, recordId, options);
      if (settled !== "again") return settled;
    }
    return { kind: "failed", code: "RECOVERY_CONTENDED", retryable: true };
  } catch (error) {
    options.signal?.throwIfAborted();
    if (!(error instanceof DekhandError)) throw error;
    return { kind: "failed", code: error.code, retryable: error.retryable };
  }
}

async function attempt(run: SettleRun, recordId: string, options: CallOptions): Promise<Contested | "again"> {
  const { home, other, deps } = run;
  using _room = await deps.room.take(await bytesOf(run, recordId, options), options);
  const [theirs, ours] = await Promise.all([
    other.stores.records.get(recordId, options),
    home.stores.records.get(recordId, options),
  ]);
  // Nobody deletes records, and both had one: an operator's hand.
  if (!theirs || !ours) return { kind: "failed", code: "RECOVERY_NO_SOURCE", retryable: false };
  const settlement = await run.settle(ours, theirs, options);
  if (settlement.kind === "same") return { kind: "same" };
  const [won, lost]: readonly [Placed, Placed] =
    settlement.winner === "first" ? [at(home, ours), at(other, theirs)] : [at(other, theirs), at(home, ours)];

  const dek = { dekIds: [won.record.dekId] };
  const brought = await carry(dek, { from: won.place.region, to: lost.place.region, deps, ...options });
  const [failure] = brought.failed;
  if (failure) return { kind: "failed", code: failure.code, retryable: failure.retryable };
  if (brought.arrived.dekIds.length === 0) return { kind: "failed", code: "RECOVERY_DEK_MISSING", retryable: false };

  if (settlement.kind === "contest") {
    await keepRecord(lost.record, { at: lost.place, other: won.place, now: deps.now(), ...options });
  }
  const copied = await lost.place.stores.records.putCopy(won.record, { sealId: lost.record.sealId }, options);
  if (copied === "conflict") return "again";
  report(run, settlement, won, lost);
  return { kind: "settled" };
}

/** Of both envelopes, as far as heads tell. */
async function bytesOf({ home, other }: SettleRun, recordId: string, options: CallOptions): Promise<number> {
  const heads = await Promise.all([home, other].map(({ stores }) => stores.records.getHead(recordId, options)));
  return heads.reduce((sum, head) => sum + (head ? head.size + ENVELOPE_OVERHEAD_BYTES : 0), 0);
}

interface Placed {
  readonly place: ReconcileRegion;
  readonly record: StoredRecord;
}

function at(place: ReconcileRegion, record: StoredRecord): Placed {
  return { place, record };
}

function report({ deps }: SettleRun, { kind }: Settlement, won: Placed, lost: Placed): void {
  if (kind !== "contest") return;
  const describe = ({ place, record: { epoch, revision, sealId } }: Placed) => ({
    region: place.region,
    epoch,
    sealId,
    ...(revision === undefined ? {} : { revision }),
  });
  const fields = { recordId: won.record.recordId, won: describe(won), lost: describe(lost) };
  deps.logger.warn(fields, "a record was written in two Regions; one stays, the other is kept and listed");
}
