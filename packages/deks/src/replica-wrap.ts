/**
 * A replica Region's own wrap of a DEK that the home Region has, by the strategy
 * that the profile names for that Region.
 *
 * - `multi-region`: home's blob under the related key's ARN; KMS is not asked.
 * - `encrypt`: KMS Encrypt in the replica Region. At birth the DEK is in memory; later it is unwrapped at home, checked
 *   against its commitment, and wiped.
 * - `bridge`: ReEncrypt to a multi-Region key at home, ReEncrypt from its relative there: the DEK never leaves KMS.
 *
 * What lies in the table is a label: the KMS context is computed from DEK id, profile and scope, and is the same in every
 * Region; KMS is asked for keys of the configuration only, and its answer must name the one that was asked for.
 *
 * Where it is made, the wrap must be durable within BIRTH_DEADLINE_MS from before the call, or never: see wrap-window.ts.
 */

import type { EncryptionContext } from "@dekhand/envelope";
import type { KmsGovernor } from "@dekhand/kms";
import { type Clock, type Profile, type Replica, systemClock } from "@dekhand/runtime";
import type { CallOptions, StateStore, StoredDek, StoredWrap, Wrap } from "@dekhand/store";
import { DeksError } from "./errors.ts";
import { type KeyDirectory, regionUnknown } from "./key-directory.ts";
import { ownKmsContext } from "./kms-context.ts";
import { type BridgeKeys, bridgeThere } from "./replica-wrap-bridge.ts";
import { copyThere } from "./replica-wrap-copy.ts";
import { encryptThere } from "./replica-wrap-encrypt.ts";

export interface ReplicaWrapDeps {
  readonly keys: Pick<KeyDirectory, "allows" | "current">;
  readonly kms: (region: string) => Pick<KmsGovernor, "decrypt" | "encrypt" | "reEncrypt">;
  /** Asked whether a campaign has left the key that a wrap is to be made under. */
  readonly state: (region: string) => Pick<StateStore, "leftKey">;
  readonly bridges: BridgeKeys;
  readonly clock?: Clock;
}

export interface ReplicaWrapRequest {
  /** The DEK's, as it is with its home in the Region of `wrap`: `profileAt`. */
  readonly profile: Profile;
  /** One of its replica Regions. */
  readonly region: string;
  readonly dek: Pick<StoredDek, "dekId" | "context" | "commitment">;
  /** Home's own. */
  readonly wrap: Wrap & Pick<StoredWrap, "campaign">;
  /** The DEK's 32 bytes, while they are in memory anyway; they stay the caller's. */
  readonly key?: Uint8Array;
}

export interface ReplicaWrapOptions extends CallOptions {
  /** For each KMS call, in milliseconds. Default 10,000. */
  readonly deadlineMs?: number;
}

/** What each strategy is given. */
export interface CheckedRequest extends ReplicaWrapRequest {
  readonly replica: Replica;
  /** The DEK's KMS context, computed. */
  readonly context: EncryptionContext;
}

export type ReplicaWrap = Omit<StoredWrap, "dekId">;

/**
 * Throws DEKS_CONTEXT_MISMATCH, DEKS_KEY_NOT_ALLOWED, DEKS_UNWRAP_REFUSED, DEKS_REWRAP_UNVERIFIED and
 * ENVELOPE_AUTHENTICATION_FAILED for what home has and nobody can copy; DEKS_REGION_UNKNOWN, DEKS_KEY_UNSUITABLE,
 * DEKS_KEY_LEFT, KmsError and StoreError for what may pass; the signal's reason.
 */
export async function makeReplicaWrap(
  request: ReplicaWrapRequest,
  deps: ReplicaWrapDeps,
  options: ReplicaWrapOptions = {},
): Promise<ReplicaWrap> {
  const checked = await checkRequest(request, deps, options);
  const { clock = systemClock, ...rest } = deps;
  switch (checked.replica.strategy) {
    case "multi-region":
      return copyThere(checked, rest, options);
    case "encrypt":
      return encryptThere(checked, { ...rest, clock }, options);
    case "bridge":
      return bridgeThere(checked, { ...rest, clock }, options);
  }
}

/** Before any call of KMS. Throws DEKS_CONTEXT_MISMATCH, DEKS_KEY_NOT_ALLOWED, and what looking up keys fails with. */
export async function checkRequest(
  request: ReplicaWrapRequest,
  { keys }: Pick<ReplicaWrapDeps, "keys">,
  { signal }: CallOptions,
): Promise<CheckedRequest> {
  const { profile, region, dek, wrap } = request;
  const { dekId } = dek;
  const replica = Object.hasOwn(profile.replicas, region) ? profile.replicas[region] : undefined;
  if (!replica) throw regionUnknown(profile.name, region);
  const context = ownKmsContext(dekId, profile.name, { dek: dek.context, wrap: wrap.context });
  if (!context) {
    throw new DeksError("DEKS_CONTEXT_MISMATCH", "DEK or wrap belongs to another DEK id, profile or scope", {
      context: { dekId },
    });
  }
  if (!(await keys.allows(profile.name, wrap.keyArn, { region: profile.home, signal }))) {
    throw new DeksError(
      "DEKS_KEY_NOT_ALLOWED",
      "the home Region's wrap names a KMS key that the profile does not list there",
      { context: { dekId, keyArn: wrap.keyArn } },
    );
  }
  return { ...request, replica, context };
}
