/** The campaign of one key's new material: the same one, whoever starts it and how often. */

import { createHash } from "node:crypto";
import type { CallOptions } from "@dekhand/kms";
import { type Campaign, type CampaignAct, type CampaignStore, StoreError } from "@dekhand/store";
import { applyTrigger } from "../apply-trigger.ts";
import { type ResolveTargetsDeps, resolveTargets } from "../plan/resolve-targets.ts";
import { DEFAULT_SETTINGS, writeSettings } from "../settings.ts";
import { startCampaign } from "../start-campaign.ts";
import { materialOf } from "./identify-material.ts";

export interface AutoCampaign {
  readonly id: string;
  /** ARNs of the key, one a Region. */
  readonly keyArns: readonly string[];
  /** The identity of the material to rewrap under. */
  readonly material: string;
  readonly act: CampaignAct;
}

export interface AutoCampaignDeps extends ResolveTargetsDeps {
  readonly campaigns: Pick<CampaignStore, "create" | "get" | "transition">;
}

/**
 * - `there`: somebody had started it before.
 * - `started`: by this call.
 * - `locked`: another campaign that has not ended concerns the key, or this one is being created elsewhere.
 * - `moved`: KMS says another material by now; its campaign is another one.
 */
export type EnsuredCampaign =
  | { readonly kind: "there" | "started"; readonly campaign: Campaign }
  | { readonly kind: "locked"; readonly holder: string }
  | { readonly kind: "moved" };

/** Follows from key and material alone, so that any number of processes mean the same campaign. */
export function autoCampaignId(keyId: string, material: string): string {
  const digest = createHash("sha256")
    .update(JSON.stringify(["dekhand/v1/rotation", keyId, material]))
    .digest("hex");
  return `auto-${digest.slice(0, 40)}`;
}

/**
 * Sees to it that the campaign exists and is started. Throws as `resolveTargets`, and StoreError where the table could not
 * be read or written.
 */
export async function ensureCampaign(
  wanted: AutoCampaign,
  deps: AutoCampaignDeps,
  options: CallOptions,
): Promise<EnsuredCampaign> {
  const { campaigns } = deps;
  const { signal } = options;
  const found = await campaigns.get(wanted.id, { signal });
  if (found && found.status !== "planned") return { kind: "there", campaign: found };
  try {
    if (!found) return await create(wanted, deps, options);
    const campaign = await applyTrigger(campaigns, found, { kind: "start" }, wanted.act, { signal });
    return { kind: "started", campaign };
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    const { holder } = error.context;
    if (error.code === "STORE_CAMPAIGN_LOCKED" && typeof holder === "string") return { kind: "locked", holder };
    // Somebody else was at it, perhaps by a configuration with other places: what is there is the campaign.
    if (error.code !== "STORE_CAMPAIGN_EXISTS" && error.code !== "STORE_CAMPAIGN_CHANGED") throw error;
    const campaign = await campaigns.get(wanted.id, { signal });
    if (!campaign) throw error;
    return { kind: "there", campaign };
  }
}

async function create(
  { id, keyArns, material, act }: AutoCampaign,
  deps: AutoCampaignDeps,
  { signal }: CallOptions,
): Promise<EnsuredCampaign> {
  const { targets, locks } = await resolveTargets({ kind: "rotation", from: keyArns }, deps, { signal });
  if (targets.some((target) => materialOf(target) !== material)) return { kind: "moved" };
  const wanted = { id, kind: "rotation" as const, targets, settings: writeSettings(DEFAULT_SETTINGS), ...act };
  const campaign = await startCampaign(deps.campaigns, wanted, locks, { signal });
  return { kind: "started", campaign };
}
