/** Which rotations of keys were dealt with. Inserted once, never changed: that is what makes one of many the one to act. */

import { randomUUID } from "node:crypto";
import { requireCampaignId } from "../campaigns/campaign-keys.ts";
import type { CallOptions } from "../dynamodb/call-options.ts";
import { requireKeyText } from "../items/keys.ts";
import { text } from "../items/write-values.ts";
import type { HandledRotation, RotationStore } from "./rotation-types.ts";
import { open, type StateItem, stateKey } from "./state-items.ts";
import type { StateTable } from "./state-table.ts";

export function createRotations(table: StateTable): RotationStore {
  const find = (keyId: string, material: string, options: CallOptions) => table.get(kindOf(keyId), material, options);

  return {
    async claimRotation(entry, options = {}) {
      const claim = randomUUID();
      if (await table.insert({ ...rotationItem(entry), claim: text(claim) }, options)) return true;
      // A write whose answer was lost is sent again by the SDK and then meets itself.
      return (await find(entry.keyId, entry.material, options))?.claim?.S === claim;
    },
    async getRotation(keyId, material, options = {}) {
      const item = await find(keyId, material, options);
      return item && readRotation(item, keyId);
    },
    async listRotations(keyId, options = {}) {
      return (await table.all(kindOf(keyId), options)).map((item) => readRotation(item, keyId));
    },
  };
}

function kindOf(keyId: string): string {
  return `rotation#${requireKeyText("a key id", keyId, 1_000)}`;
}

function rotationItem({ keyId, material, at, reason, campaignId }: HandledRotation): StateItem {
  return {
    ...stateKey(kindOf(keyId), material),
    at: text(at),
    reason: text(reason),
    ...(campaignId === undefined ? {} : { campaignId: text(requireCampaignId(campaignId)) }),
  };
}

function readRotation(item: StateItem, keyId: string): HandledRotation {
  const reader = open(item);
  const campaignId = reader.optionalText("campaignId");
  return {
    keyId,
    material: reader.text("id"),
    at: reader.text("at"),
    reason: reader.choice("reason", ["campaign", "baseline"]),
    ...(campaignId === undefined ? {} : { campaignId }),
  };
}
