/**
 * Marks on keys that campaigns have left. One item a key holds the marks of all
 * campaigns, so that one read tells whether it is left; every change is
 * conditional on the item as it was read.
 */

import { requireCampaignId } from "../campaigns/campaign-keys.ts";
import type { CallOptions } from "../dynamodb/call-options.ts";
import { StoreError } from "../errors.ts";
import { type KeyMark, type KeyMarks, leftKeyItem, leftKind, readLeftKey } from "./left-key-items.ts";
import type { LeftKey, LeftKeyStore } from "./left-key-types.ts";
import type { StateTable } from "./state-table.ts";

type Campaigns = KeyMarks["campaigns"];

export function createLeftKeys(table: StateTable, now: () => Date): LeftKeyStore {
  const read = async (keyArn: string, options: CallOptions): Promise<KeyMarks> => {
    const item = await table.get(leftKind, keyArn, options);
    return item ? readLeftKey(item) : { keyArn, version: 0, campaigns: new Map() };
  };

  /** Makes of the marks what `next` says, which gives back what it was given where there is nothing to change. */
  const change = async (keyArn: string, next: (campaigns: Campaigns) => Campaigns, options: CallOptions) => {
    for (let tries = 0; tries < maxTries; tries += 1) {
      const { version, campaigns } = await read(keyArn, options);
      const changed = next(campaigns);
      if (changed === campaigns) return;
      const item = leftKeyItem({ keyArn, version: version + 1, campaigns: changed });
      // A write whose answer was lost is sent again by the SDK and fails; the next reading then finds it done.
      if (await table.replace(item, version, options)) return;
    }
    throw new StoreError("STORE_CONTENDED", "the marks on a key kept changing", {
      retryable: true,
      context: { keyArn },
    });
  };

  return {
    async leaveKey({ keyArn, campaignId, at }, options = {}) {
      requireCampaignId(campaignId);
      const leave = (campaigns: Campaigns): Campaigns => {
        const mine = campaigns.get(campaignId);
        if (mine?.state === "returned") throw returnedBefore(keyArn, campaignId);
        return mine ? campaigns : new Map([...campaigns, [campaignId, { state: "left", at }]]);
      };
      await change(keyArn, leave, options);
    },
    async leftKey(keyArn, options = {}) {
      return standing(await read(keyArn, options))[0];
    },
    async listLeftKeys(options = {}) {
      return (await table.all(leftKind, options)).flatMap((item) => standing(readLeftKey(item)));
    },
    async returnToKey(keyArn, { campaignId, marks }, options = {}) {
      requireCampaignId(campaignId);
      const returned: KeyMark = { state: "returned", at: now().toISOString() };
      const giveBack = (campaigns: Campaigns): Campaigns => {
        if (campaigns.get(campaignId)?.state === "returned") return campaigns;
        const ended = marks === "all" ? [...campaigns].filter(([, { state }]) => state === "left") : [];
        return new Map([...campaigns, ...ended.map(([id]) => [id, returned] as const), [campaignId, returned]]);
      };
      await change(keyArn, giveBack, options);
    },
  };
}

/** How often a change is decided anew when somebody else's comes between reading and writing. */
const maxTries = 10;

/** The marks of campaigns that have left the key and not returned, the oldest first. */
function standing({ keyArn, campaigns }: KeyMarks): LeftKey[] {
  const marks = [...campaigns].filter(([, { state }]) => state === "left");
  const left = marks.map(([campaignId, { at }]) => ({ keyArn, campaignId, at }));
  return left.sort((one, other) => compare(one.at, other.at) || compare(one.campaignId, other.campaignId));
}

function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}

function returnedBefore(keyArn: string, campaignId: string): StoreError {
  return new StoreError("STORE_KEY_RETURNED", "a campaign that has returned to a key cannot leave it again", {
    context: { keyArn, campaignId },
  });
}
