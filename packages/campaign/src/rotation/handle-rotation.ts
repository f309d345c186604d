/**
 * One key, looked at: whether its material is a new one, and what follows.
 *
 * Of all who look, one claims the material in the state table, with the id of the
 * campaign that it is about to create. The campaign is created and started by
 * whoever finds the claim without it, so that a crash in between costs time only.
 */

import type { CallOptions } from "@dekhand/kms";
import type { Campaign, HandledRotation, RotationStore } from "@dekhand/store";
import { findRotations } from "../plan/find-rotation.ts";
import { type AutoCampaignDeps, autoCampaignId, ensureCampaign } from "./auto-campaign.ts";
import { ageOfMaterial, identifyMaterial } from "./identify-material.ts";
import type { SeenKey } from "./see-keys.ts";

/** What made somebody look. */
export type RotationTrigger = { readonly kind: "poll" } | { readonly kind: "event"; readonly id: string };

export interface HandleRotationDeps extends AutoCampaignDeps {
  readonly state: RotationStore;
  readonly now: () => Date;
  /** This call has claimed new material for a campaign: once a key and material, among all who look. */
  readonly onClaimed: () => void;
}

/**
 * - `baseline`: the key was never rotated.
 * - `there`: the material's campaign was started before, and may have ended by now.
 * - `started`: it is started now.
 * - `waits`: it is due, and cannot be started yet; `what` says what it waits for.
 * - `untold`: KMS tells neither material nor rotations of the key.
 */
export type HandledKey =
  | { readonly kind: "baseline" | "untold" }
  | { readonly kind: "there" | "started"; readonly campaign: Campaign }
  | { readonly kind: "waits"; readonly what: string };

const UNSETTLED: HandledKey = { kind: "waits", what: "for KMS to say the same everywhere of its material" };

/** The same again, by anybody, is without effect. Throws KmsError, StoreError and CampaignError: then nothing is lost. */
export async function handleRotation(
  key: SeenKey,
  trigger: RotationTrigger,
  deps: HandleRotationDeps,
  options: CallOptions,
): Promise<HandledKey> {
  // A campaign would be refused, and the material is handled once only.
  const unusable = key.regional.find(({ enabled }) => !enabled);
  if (unusable)
    return { kind: "waits", what: `for the key to be enabled in ${unusable.region}: it is ${unusable.state}` };
  const identified = await identifyMaterial(key, deps, options);
  if (identified.kind === "unsettled") return UNSETTLED;
  if (identified.kind !== "known") return { kind: identified.kind === "first" ? "baseline" : "untold" };

  const { material } = identified;
  const claim = await claimOnce(key, material, deps, options);
  if (claim === undefined) return UNSETTLED;
  if (claim.reason === "baseline") return { kind: "baseline" };
  const campaignId = claim.campaignId ?? autoCampaignId(key.keyId, material);
  const keyArns = key.regional.map(({ arn }) => arn);
  const act = { at: deps.now().toISOString(), actor: "dekhand-control", reason: reasonOf(key, material, trigger) };
  const ensured = await ensureCampaign({ id: campaignId, keyArns, material, act }, deps, options);
  switch (ensured.kind) {
    case "moved":
      return UNSETTLED;
    case "locked":
      return { kind: "waits", what: `for campaign ${ensured.holder} to end` };
    default:
      return ensured;
  }
}

/** The claim of that material, whoever made it. Undefined: it is too early to tell what is to be claimed. */
async function claimOnce(
  key: SeenKey,
  material: string,
  deps: HandleRotationDeps,
  options: CallOptions,
): Promise<HandledRotation | undefined> {
  const { state, now, onClaimed } = deps;
  const { keyId } = key;
  const claimed = await state.getRotation(keyId, material, options);
  if (claimed) return claimed;
  const age = await ageAtFirstSight(key, material, deps, options);
  if (age === "unsettled") return undefined;
  const at = now().toISOString();
  const entry: HandledRotation =
    age === "first"
      ? { keyId, material, at, reason: "baseline" }
      : { keyId, material, at, reason: "campaign", campaignId: autoCampaignId(keyId, material) };
  if (await state.claimRotation(entry, options)) {
    if (entry.reason === "campaign") onClaimed();
    return entry;
  }
  // Somebody else was first; claims are never deleted.
  return (await state.getRotation(keyId, material, options)) ?? entry;
}

/** Only a key that was never seen before may have its first material. */
async function ageAtFirstSight(
  { keyId, regional: [key] }: SeenKey,
  material: string,
  deps: HandleRotationDeps,
  options: CallOptions,
): Promise<ReturnType<typeof ageOfMaterial>> {
  if (key === undefined || (await deps.state.listRotations(keyId, options)).length > 0) return "later";
  return ageOfMaterial(material, await findRotations(key.region, key.arn, deps, options));
}

function reasonOf({ keyId }: SeenKey, material: string, trigger: RotationTrigger): string {
  const what = `material ${material} of key ${keyId} had no campaign yet`;
  return trigger.kind === "poll" ? `${what}: found by the poll` : `${what}: found after event ${trigger.id} of KMS`;
}
