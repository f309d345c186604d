/** Global tables: what home has is on its way by itself. Waits until the replica Region shows it. */

import { type Clock, sleep } from "@dekhand/runtime";
import type { CallOptions } from "@dekhand/store";
import { RecoveryError } from "../errors.ts";
import { failedWith, type Outcome } from "./outcomes.ts";
import { planRecords } from "./plan-records.ts";
import type { ReplicateDeps } from "./replicate-types.ts";

export interface Awaited {
  readonly dekIds: readonly string[];
  /** By record, the DEK that it needs. */
  readonly records: ReadonlyMap<string, string>;
}

export interface Arrivals {
  readonly deks: ReadonlyMap<string, Outcome>;
  readonly records: ReadonlyMap<string, Outcome>;
}

/** Between two looks, in milliseconds: the first, and the longest. */
const lookMs = { first: 50, longest: 1_000 };

/** Ends with all outcomes known after `arrivalMs` at the latest. Throws StoreError, and the signal's reason. */
export async function awaitArrival(
  wanted: Awaited,
  { arrivalMs, clock, ...deps }: Pick<ReplicateDeps, "home" | "target"> & { arrivalMs: number; clock: Clock },
  options: CallOptions,
): Promise<Arrivals> {
  const until = clock.monotonic() + arrivalMs;
  const deks = new Map<string, Outcome>();
  const records = new Map<string, Outcome>();
  for (let waitMs = lookMs.first; ; waitMs = Math.min(waitMs * 2, lookMs.longest)) {
    const openDeks = wanted.dekIds.filter((dekId) => !deks.has(dekId));
    for (const dekId of await deksThere(openDeks, deps, options)) deks.set(dekId, { kind: "arrived" });
    const openRecords = [...wanted.records.keys()].filter((recordId) => !records.has(recordId));
    const { plans, outcomes } = await planRecords(openRecords, deps, options);
    for (const [recordId, outcome] of outcomes) records.set(recordId, outcome);
    for (const { head, expected } of plans) {
      const isThere = expected === undefined && deks.get(head.dekId)?.kind === "arrived";
      if (isThere) records.set(head.recordId, { kind: "arrived" });
    }
    if (deks.size === wanted.dekIds.length && records.size === wanted.records.size) return { deks, records };
    const leftMs = until - clock.monotonic();
    if (leftMs <= 0) break;
    await sleep(Math.min(waitMs, leftMs), options);
  }
  const late = failedWith(notArrived());
  for (const dekId of wanted.dekIds) if (!deks.has(dekId)) deks.set(dekId, late);
  for (const recordId of wanted.records.keys()) if (!records.has(recordId)) records.set(recordId, late);
  return { deks, records };
}

async function deksThere(
  dekIds: readonly string[],
  { target }: Pick<ReplicateDeps, "target">,
  options: CallOptions,
): Promise<readonly string[]> {
  if (dekIds.length === 0) return [];
  const found = await target.stores.deks.getMany(dekIds, target.region, options);
  return [...found.values()].flatMap(({ dekId, dek, wrap }) => (dek && wrap ? [dekId] : []));
}

function notArrived(): RecoveryError {
  const message = "what the global tables carry has not arrived in time";
  return new RecoveryError("RECOVERY_NOT_ARRIVED", message, { retryable: true });
}
