import { randomUUID } from "node:crypto";
import type { CallOptions } from "../dynamodb/call-options.ts";
import { StoreError } from "../errors.ts";
import { actOf } from "./campaign-items.ts";
import { directoryKey, requireCampaignId } from "./campaign-keys.ts";
import { type LockTaker, releaseLocks, takeLock } from "./campaign-locks.ts";
import { type CampaignRoot, readRoot, writeRoot } from "./campaign-root.ts";
import { type CampaignTable, contended } from "./campaign-table.ts";
import type { Campaign, NewCampaign } from "./campaign-types.ts";

export interface CreateOptions extends CallOptions {
  readonly now: () => Date;
  readonly patienceMs: number;
}

/** See `CampaignStore.create`. */
export async function createCampaign(
  table: CampaignTable,
  wanted: NewCampaign,
  locks: readonly string[],
  { now, patienceMs, ...options }: CreateOptions,
): Promise<Campaign> {
  // In one order for everybody: of two that need the same locks, one gets the first and then all.
  const campaign = plannedCampaign(wanted, [...new Set(locks)].sort());
  const creation = randomUUID();
  const before = await readRoot(table, campaign.id, options);
  if (before.kind === "campaign") return sameCampaign(before, campaign);
  const taker = { campaignId: campaign.id, creation, before, now, patienceMs };

  const giveBack = () => giveLocksBack(table, campaign, creation);
  try {
    await takeAll(table, campaign, taker, options);
  } catch (error) {
    await giveBack();
    throw error;
  }
  // From here on a failure may hide a success, and the locks of a campaign that exists must stay: they are kept. If it
  // does not exist, they can be taken over.
  if (await writeRoot(table, campaign, creation, taker.before, options)) return campaign;
  const found = await readRoot(table, campaign.id, options);
  if (found.kind === "campaign" && found.creation === creation) return found.campaign;
  await giveBack();
  if (found.kind === "campaign") return sameCampaign(found, campaign);
  throw contended();
}

async function takeAll(table: CampaignTable, campaign: Campaign, taker: LockTaker, options: CallOptions) {
  for (const lock of campaign.locks) await takeLock(table, lock, taker, options);
  // Listed first: an entry that leads nowhere is passed over, a campaign that nobody sees would hold its locks for ever.
  await table.write({ kind: "insert", key: directoryKey(campaign.id), item: {} }, options);
}

/** Those that are not given back can be taken over, so a failure to do so only costs the next one time. */
async function giveLocksBack(table: CampaignTable, { id, locks }: Campaign, creation: string): Promise<void> {
  await releaseLocks(table, locks, { holder: id, creation }, {}).catch(() => undefined);
}

function plannedCampaign(wanted: NewCampaign, locks: readonly string[]): Campaign {
  const { kind, targets, settings = {}, controls = {} } = wanted;
  const act = actOf(wanted);
  return {
    id: requireCampaignId(wanted.id),
    kind,
    status: "planned",
    targets,
    settings,
    controls,
    facts: {},
    locks,
    createdAt: act.at,
    createdBy: act.actor,
    version: 1,
    last: { seq: 1, to: "planned", ...act },
  };
}

/** The campaign as it is by now, where it was created as `wanted`. Throws STORE_CAMPAIGN_EXISTS where it was not. */
function sameCampaign({ campaign }: Extract<CampaignRoot, { kind: "campaign" }>, wanted: Campaign): Campaign {
  const fingerprint = ({ kind, targets, settings, locks }: Campaign) =>
    JSON.stringify([kind, targets.map(sorted), sorted(settings), locks]);
  if (fingerprint(campaign) === fingerprint(wanted)) return campaign;
  throw new StoreError("STORE_CAMPAIGN_EXISTS", "another campaign of that id exists", {
    context: { campaignId: campaign.id },
  });
}

/** DynamoDB keeps no order of names. */
function sorted(value: object): readonly unknown[] {
  return Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
}
