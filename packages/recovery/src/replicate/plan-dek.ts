/** What a replica Region is to get of one DEK. */

import { DeksError, makeReplicaWrap, type ReplicaWrap, type ReplicaWrapDeps } from "@dekhand/deks";
import { type Profile, profileAt } from "@dekhand/runtime";
import { type CallOptions, type StoredDek, StoreError } from "@dekhand/store";
import { RecoveryError } from "../errors.ts";
import { expectedAt, isStaleCopy, type WrapPlace } from "./judge-wrap.ts";
import type { DekReading } from "./read-deks.ts";
import type { ReplicateDeps, ReplicateRequest } from "./replicate-types.ts";

export interface DekPlan {
  readonly reading: DekReading;
  readonly dek: StoredDek;
  /** As it is with its home in the Region that is copied from. */
  readonly profile: Profile;
  /**
   * - `keep`: the wrap that is there stays.
   * - `put`: this one takes its place.
   * - `make`: one is to be made.
   */
  readonly wrap:
    | { readonly how: "keep" }
    | { readonly how: "put"; readonly wrap: ReplicaWrap }
    | { readonly how: "make" };
}

export type PlannedDek = DekPlan | "arrived" | "gone" | "unwanted" | "elsewhere";

export interface PlanDekDeps extends Pick<ReplicateDeps, "profiles" | "homes" | "home" | "mode"> {
  readonly replicaWraps: ReplicaWrapDeps;
}

/** Throws DekhandError where this DEK cannot be copied, now or for good; the signal's reason. */
export async function planDek(
  reading: DekReading,
  request: Pick<ReplicateRequest, "region" | "condemned">,
  deps: PlanDekDeps,
  options: CallOptions,
): Promise<PlannedDek> {
  const { dekId, home, target } = reading;
  const isComplete = target.dek !== undefined && target.wrap.wrap !== undefined;
  const { dek } = home;
  if (!dek) {
    if (isComplete) return "arrived";
    if (home.isUnreadable) throw unreadable(dekId);
    return "gone";
  }
  const profile = await profileOf(dek, deps, options);
  if (!profile) return "elsewhere";
  const replica = Object.hasOwn(profile.replicas, request.region) ? profile.replicas[request.region] : undefined;
  if (!replica) return "unwanted";
  const plan = { reading, dek, profile };

  const { wrap: there } = placeOfWrap(reading, deps);
  const condemned = request.condemned?.get(dekId);
  const isSound = there !== undefined && !(condemned && Buffer.compare(condemned, there.blob) === 0);
  if (!home.wrap) {
    if (isSound) return { ...plan, wrap: { how: "keep" } };
    throw home.isUnreadable ? unreadable(dekId) : missing(dekId);
  }
  if (!isSound) return { ...plan, wrap: { how: "make" } };
  if (replica.strategy !== "multi-region") return { ...plan, wrap: { how: "keep" } };
  const asked = { profile, region: request.region, dek, wrap: home.wrap };
  // A wrap that home has and that cannot be copied is no reason to take away one that works.
  const copy = await makeReplicaWrap(asked, deps.replicaWraps, options).catch((error: unknown) => {
    options.signal?.throwIfAborted();
    if (error instanceof DeksError) return undefined;
    throw error;
  });
  return { ...plan, wrap: copy && isStaleCopy(copy, there) ? { how: "put", wrap: copy } : { how: "keep" } };
}

/** The place that the target's wrap is written to: of global tables, home's. */
export function placeOfWrap({ home, target }: DekReading, { mode }: Pick<ReplicateDeps, "mode">): WrapPlace {
  return mode === "global" ? home.copy : target.wrap;
}

export function expectedWrap(reading: DekReading, deps: Pick<ReplicateDeps, "mode">) {
  return expectedAt(placeOfWrap(reading, deps));
}

/** Undefined where the profile's home is another Region. */
async function profileOf(
  dek: StoredDek,
  { profiles, homes, home }: PlanDekDeps,
  options: CallOptions,
): Promise<Profile | undefined> {
  const configured = Object.hasOwn(profiles, dek.profile) ? profiles[dek.profile] : undefined;
  if (!configured) {
    const message = "the DEK names a profile that the configuration does not have";
    throw new DeksError("DEKS_PROFILE_UNKNOWN", message, { context: { dekId: dek.dekId } });
  }
  if (homes && (await homes.of(dek.profile, options)).profile.home !== home.region) return undefined;
  const there = profileAt(configured, home.region);
  if (there) return there;
  throw new DeksError("DEKS_REGION_UNKNOWN", "the configuration does not give the profile a key in that Region", {
    retryable: true,
    context: { profile: dek.profile, region: home.region },
  });
}

function unreadable(dekId: string): StoreError {
  return new StoreError("STORE_ITEM_MALFORMED", "home's DEK or wrap cannot be read", { context: { dekId } });
}

function missing(dekId: string): RecoveryError {
  return new RecoveryError("RECOVERY_DEK_MISSING", "home lacks its own wrap of the DEK", { context: { dekId } });
}
