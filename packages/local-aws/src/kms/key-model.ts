/**
 * The data behind KMS keys.
 *
 * A family is what related multi-Region keys share: key id, material and
 * rotation. A single-Region key is a family of one. What differs from Region to
 * Region (state, description, deletion, usage) is in the regional key.
 */
import type { KeyObject } from "node:crypto";

export type RotationType = "AUTOMATIC" | "ON_DEMAND";

export interface KeyMaterial {
  /** 64 hex digits, as KMS shows it. */
  readonly id: string;
  /** A private key where the spec is asymmetric. */
  readonly secret: KeyObject;
  readonly createdAt: number;
  /** Absent on a key's first material. */
  readonly rotation?: { readonly completedAt: number; readonly type: RotationType };
}

/** Kinds of keys that can be created, what each is for, and the algorithms that it signs with here. */
export const KEY_SPECS = {
  SYMMETRIC_DEFAULT: { usage: "ENCRYPT_DECRYPT", signing: [] },
  HMAC_256: { usage: "GENERATE_VERIFY_MAC", signing: [] },
  ECC_NIST_P256: { usage: "SIGN_VERIFY", signing: ["ECDSA_SHA_256"] },
  RSA_2048: { usage: "SIGN_VERIFY", signing: ["RSASSA_PSS_SHA_256"] },
} as const;
export type KeySpec = keyof typeof KEY_SPECS;
export type KeyUse = (typeof KEY_SPECS)[KeySpec]["usage"];

export interface KeyFamily {
  readonly keyId: string;
  readonly multiRegion: boolean;
  readonly spec: KeySpec;
  primaryRegion: string;
  /** Oldest first; the last one is current. */
  readonly materials: KeyMaterial[];
  readonly members: Map<string, RegionalKey>;
  automaticRotation?: { readonly periodDays: number; readonly nextAt: number } | undefined;
  rotationInProgress?: { readonly startedAt: number; readonly doneAt: number; readonly type: RotationType } | undefined;
  /** Of the 25 that a key may have. */
  onDemandRotations: number;
  /** While a change of primary is under way: the two Regions concerned. */
  primaryUpdate?: { readonly regions: readonly string[]; readonly doneAt: number } | undefined;
}

export interface RegionalKey {
  readonly family: KeyFamily;
  readonly region: string;
  readonly arn: string;
  readonly createdAt: number;
  /** A replica is Creating until then. */
  readonly readyAt: number;
  description: string;
  enabled: boolean;
  readonly policy?: string | undefined;
  readonly tags: readonly Tag[];
  /** `at` is absent while a primary waits for its replicas to be deleted. */
  deletion?: { readonly windowDays: number; readonly at?: number } | undefined;
  lastUsage?: KeyUsage | undefined;
}

export interface Tag {
  readonly TagKey: string;
  readonly TagValue: string;
}

export interface KeyUsage {
  readonly operation: string;
  readonly at: number;
  readonly requestId: string;
  readonly eventId: string;
}

export interface Alias {
  readonly name: string;
  readonly arn: string;
  readonly createdAt: number;
  updatedAt: number;
  /** Key id within the alias's Region. */
  keyId: string;
}

export type KeyState = "Creating" | "Enabled" | "Disabled" | "PendingDeletion" | "PendingReplicaDeletion" | "Updating";

export function keyStateOf(key: RegionalKey, now: number): KeyState {
  if (key.deletion) return key.deletion.at === undefined ? "PendingReplicaDeletion" : "PendingDeletion";
  if (now < key.readyAt) return "Creating";
  const update = key.family.primaryUpdate;
  if (update && now < update.doneAt && update.regions.includes(key.region)) return "Updating";
  return key.enabled ? "Enabled" : "Disabled";
}

export function isPrimary(key: RegionalKey): boolean {
  return key.family.primaryRegion === key.region;
}

export function currentMaterial(family: KeyFamily): KeyMaterial {
  const current = family.materials.at(-1);
  if (!current) throw new Error("a key family without material");
  return current;
}
