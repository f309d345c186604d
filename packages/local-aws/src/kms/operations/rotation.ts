/** Key material: rotated by schedule or on demand, listed, never forgotten while the key exists. */
import { AwsFault, type JsonObject } from "../../service.ts";
import { readChoice, readInteger, requireText } from "../input.ts";
import { seconds } from "../key-metadata.ts";
import type { KeyMaterial, RegionalKey } from "../key-model.ts";
import { requireState } from "../key-state.ts";
import { DAY_MS } from "../kms-store.ts";
import type { KmsCall, KmsOperation } from "../operation.ts";
import { paginate } from "../paginate.ts";
import { managed, resolveKey } from "../resolve-key.ts";
import { unsupported } from "./keys.ts";
import { requirePrimary } from "./multi-region.ts";

/** KMS's own limit for the whole life of a key. */
const MAX_ON_DEMAND_ROTATIONS = 25;
const DEFAULT_PERIOD_DAYS = 365;

export const enableKeyRotation: KmsOperation = async (call, input) => {
  const key = resolveRotatable(call, input);
  const periodDays = readInteger(input, "RotationPeriodInDays", 90, 2560) ?? DEFAULT_PERIOD_DAYS;
  requireChangeable(call, key);
  key.family.automaticRotation = { periodDays, nextAt: call.store.now() + periodDays * DAY_MS };
  await call.store.changed();
  return {};
};

export const disableKeyRotation: KmsOperation = async (call, input) => {
  const key = resolveRotatable(call, input);
  requireChangeable(call, key);
  key.family.automaticRotation = undefined;
  await call.store.changed();
  return {};
};

export const getKeyRotationStatus: KmsOperation = (call, input) => {
  const key = resolveRotatable(call, input);
  const { keyId, automaticRotation: plan, rotationInProgress: running } = key.family;
  // A key that is about to be deleted is not rotated, and says so.
  const enabled = plan !== undefined && key.deletion === undefined;
  return {
    KeyId: keyId,
    KeyRotationEnabled: enabled,
    RotationPeriodInDays: enabled ? plan.periodDays : undefined,
    NextRotationDate: enabled ? seconds(plan.nextAt) : undefined,
    OnDemandRotationStartDate: running?.type === "ON_DEMAND" ? seconds(running.startedAt) : undefined,
  };
};

export const rotateKeyOnDemand: KmsOperation = async (call, input) => {
  const key = resolveRotatable(call, input);
  requireChangeable(call, key);
  if (key.family.rotationInProgress) {
    throw new AwsFault("ConflictException", "A rotation of this key is in progress.");
  }
  if (key.family.onDemandRotations >= MAX_ON_DEMAND_ROTATIONS) {
    throw new AwsFault("LimitExceededException", `A key has at most ${MAX_ON_DEMAND_ROTATIONS} on-demand rotations.`);
  }
  call.store.rotate(key.family, "ON_DEMAND");
  await call.store.changed();
  return { KeyId: key.family.keyId };
};

export const listKeyRotations: KmsOperation = (call, input) => {
  const { family } = resolveRotatable(call, input);
  const include = readChoice(input, "IncludeKeyMaterial", ["ALL_KEY_MATERIAL", "ROTATIONS_ONLY"]) ?? "ROTATIONS_ONLY";
  const listed = family.materials
    .map((material, index) => ({ material, id: String(index).padStart(6, "0") }))
    .filter(({ material }) => include === "ALL_KEY_MATERIAL" || material.rotation);
  const page = paginate(listed, ({ id }) => id, input, { fallback: 100, max: 1000 });
  const entry = (material: KeyMaterial): JsonObject => ({
    KeyId: family.keyId,
    KeyMaterialId: material.id,
    KeyMaterialState: material === family.materials.at(-1) ? "CURRENT" : "NON_CURRENT",
    RotationDate: material.rotation && seconds(material.rotation.completedAt),
    RotationType: material.rotation?.type,
  });
  return { Rotations: page.items.map(({ material }) => entry(material)), ...page.end };
};

function resolveRotatable({ store, region }: KmsCall, input: JsonObject): RegionalKey {
  const key = resolveKey(store, region, requireText(input, "KeyId"), managed);
  if (key.family.spec !== "SYMMETRIC_DEFAULT") throw unsupported(`${key.arn} is not a symmetric encryption key.`);
  return key;
}

function requireChangeable({ store }: KmsCall, key: RegionalKey): void {
  if (key.family.multiRegion) requirePrimary(key);
  requireState(key, "rotate", store.now());
}
