/**
 * Brings DEKs and records into one replica Region.
 *
 * The target is read first, then home, strongly consistent; every write is
 * conditional on the target as it was read. So a slow or doubled run puts back
 * nothing: what it would replace has changed, and it reads again. DEK and wrap
 * come before the head, and a record has arrived only with all three.
 *
 * Fails as a whole where a table cannot be read at all; else item by item, and
 * one bad item stops no other. Debt is not known here: who has it settles it.
 */

import { createByteRoom } from "@dekhand/campaign";
import type { ReplicaWrapDeps } from "@dekhand/deks";
import { systemClock } from "@dekhand/runtime";
import { RecoveryError } from "../errors.ts";
import { awaitArrival } from "./await-arrival.ts";
import { type BringDeksDeps, bringDeks } from "./bring-deks.ts";
import { copyRecords, type ToCopy } from "./copy-records.ts";
import { failedWith, type Outcome, toResult } from "./outcomes.ts";
import { planRecords, type RecordPlan } from "./plan-records.ts";
import type { ReplicateDeps, ReplicateOptions, ReplicateRequest, ReplicateResult } from "./replicate-types.ts";
import { keepUnknown } from "./unknown-records.ts";
import { createWrapsInHand } from "./wraps-in-hand.ts";

/** Envelopes in memory, where the caller shares no room of its own, in bytes. */
const ownRoomBytes = 64 * 1024 * 1024;

/** Readings of a record that somebody else keeps changing. */
const maxRounds = 4;

/** Throws StoreError where a table cannot be read, and the signal's reason. */
export async function replicateBatch(
  request: ReplicateRequest,
  given: ReplicateDeps,
  options: ReplicateOptions = {},
): Promise<ReplicateResult> {
  const { clock = systemClock, wrapsInHand = createWrapsInHand() } = given;
  const deps = { ...given, clock, wrapsInHand, replicaWraps: replicaWrapDeps(given) };
  const room = given.room ?? createByteRoom(ownRoomBytes);
  const asked = new Set(request.dekIds);
  const deks = new Map<string, Outcome>();
  const records = new Map<string, Outcome>();
  let open = [...new Set(request.recordIds)];
  for (let round = 1; round === 1 || open.length > 0; round += 1) {
    const planned = await planRecords(open, deps, { ...options, wholeRecords: request.wholeRecords });
    // Global tables carry what they carry: nothing is kept.
    const { plans, outcomes } = deps.mode === "global" ? planned : await keepUnknown(planned.plans, deps, options);
    for (const [recordId, outcome] of [...planned.outcomes, ...outcomes]) records.set(recordId, outcome);
    const needed = [...(round === 1 ? asked : []), ...plans.map(({ head }) => head.dekId)];
    for (const [dekId, outcome] of await bringDeks(needed, request, deps, options)) deks.set(dekId, outcome);
    const ready = plans.filter(({ head }) => deks.get(head.dekId)?.kind === "arrived");
    for (const { head } of plans) {
      const dek = deks.get(head.dekId);
      if (dek !== undefined && dek.kind !== "arrived") records.set(head.recordId, withoutDek(head.dekId, dek));
    }
    if (deps.mode === "global") {
      await arrive(ready);
      break;
    }
    for (const { head } of ready) records.set(head.recordId, { kind: "arrived" });
    const hasDek = (dekId: string) => deks.get(dekId)?.kind === "arrived";
    const copied = await copyRecords(ready.filter(isToCopy), { ...deps, room, hasDek }, options);
    open = [];
    for (const [recordId, outcome] of copied) {
      if (outcome !== "again") records.set(recordId, outcome);
      else if (round < maxRounds) open.push(recordId);
      else records.set(recordId, failedWith(contended(recordId)));
    }
  }
  return toResult(new Map([...deks].filter(([dekId]) => asked.has(dekId))), records);

  async function arrive(ready: readonly RecordPlan[]): Promise<void> {
    const dekIds = [...deks].flatMap(([dekId, { kind }]) => (kind === "arrived" ? [dekId] : []));
    const wanted = { dekIds, records: new Map(ready.map(({ head }) => [head.recordId, head.dekId])) };
    const arrived = await awaitArrival(wanted, { ...deps, arrivalMs: deps.arrivalMs ?? 10_000 }, options);
    for (const [dekId, outcome] of arrived.deks) deks.set(dekId, outcome);
    for (const [recordId, outcome] of arrived.records) records.set(recordId, outcome);
  }
}

function replicaWrapDeps({ home, target, keys, bridges, clock }: ReplicateDeps): BringDeksDeps["replicaWraps"] {
  const parts = (region: string) => (region === target.region ? target : home);
  const deps: ReplicaWrapDeps = {
    keys,
    bridges,
    kms: (region) => parts(region).kms,
    state: (region) => parts(region).stores.state,
  };
  return clock === undefined ? deps : { ...deps, clock };
}

function isToCopy(plan: RecordPlan): plan is ToCopy {
  return plan.expected !== undefined;
}

/** What becomes of a record whose DEK has not arrived. */
function withoutDek(dekId: string, outcome: Exclude<Outcome, { kind: "arrived" }>): Outcome {
  return outcome.kind === "gone" ? failedWith(dekMissing(dekId)) : outcome;
}

function dekMissing(dekId: string): RecoveryError {
  return new RecoveryError("RECOVERY_DEK_MISSING", "home lacks the DEK that a record needs", { context: { dekId } });
}

function contended(recordId: string): RecoveryError {
  return new RecoveryError("RECOVERY_CONTENDED", "the record kept changing while it was being copied", {
    retryable: true,
    context: { recordId },
  });
}
