import {
  BIRTH_DEADLINE_MS,
  makeReplicaWrap,
  openWrapWindow,
  ownKmsContext,
  type ReplicaWrap,
  type ReplicaWrapDeps,
} from "@dekhand/deks";
import { deadlineExceeded, systemClock } from "@dekhand/runtime";
import type { CallOptions } from "@dekhand/store";
import { RecoveryError } from "../errors.ts";
import type { DekPlan } from "./plan-dek.ts";
import type { WrapTime } from "./wrap-time.ts";

/** Of a wrap's time, what is left for writing it, in milliseconds: what KMS has made is not to be made in vain. */
const writeMs = 10_000;

/**
 * The wrap that the target is to get: the one that was made for it while the DEK was born, and has lain in home's table
 * since; or a new one. Throws as `makeReplicaWrap`.
 */
export async function obtainWrap(
  plan: DekPlan,
  { region, condemned }: { readonly region: string; readonly condemned: Uint8Array | undefined },
  deps: ReplicaWrapDeps,
  { signal, time }: CallOptions & { readonly time: WrapTime },
): Promise<ReplicaWrap> {
  const { reading, dek, profile } = plan;
  const { wrap } = reading.home;
  if (!wrap) {
    const context = { dekId: dek.dekId };
    throw new RecoveryError("RECOVERY_DEK_MISSING", "home lacks its own wrap of the DEK", { context });
  }
  const kept = await keptFromBirth(plan, { region, condemned }, deps, { signal });
  if (kept) return kept;
  const deadlineMs = Math.max(1, time.leftMs() - writeMs);
  return makeReplicaWrap({ profile, region, dek, wrap }, deps, { signal, deadlineMs });
}

/** Only a wrap under the key that a new one would be made under: an older one may be what a campaign there has just ended. */
async function keptFromBirth(
  { reading, dek, profile }: DekPlan,
  { region, condemned }: { readonly region: string; readonly condemned: Uint8Array | undefined },
  { keys, state, clock = systemClock }: ReplicaWrapDeps,
  { signal }: CallOptions,
): Promise<ReplicaWrap | undefined> {
  const { wrap } = reading.home.copy;
  // For a multi-Region key, home's own wrap is what is copied.
  if (!wrap || profile.replicas[region]?.strategy === "multi-region") return undefined;
  if (condemned && Buffer.compare(condemned, wrap.blob) === 0) return undefined;
  const { dekId, ...copy } = wrap;
  const current = await keys.current(profile.name, { region, standalone: true, signal });
  const isOlder = wrap.material !== undefined && current.material !== undefined && wrap.material !== current.material;
  if (wrap.keyArn !== current.arn || isOlder) return undefined;
  if (!ownKmsContext(dekId, profile.name, { dek: dek.context, wrap: wrap.context })) return undefined;
  const late = () => deadlineExceeded(BIRTH_DEADLINE_MS);
  await openWrapWindow(current.arn, { state: state(region), clock, signal, late });
  return copy;
}
