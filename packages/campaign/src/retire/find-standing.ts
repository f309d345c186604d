/** What speaks against retiring a key, before any wrap is looked at: whoever may still make wraps under it. */

import { type CallOptions, type Campaign, type Heartbeat, isEnded } from "@dekhand/store";
import { configurationUse } from "./configuration-use.ts";
import type { RetireBlocker, RetireDeps } from "./retire-types.ts";

export interface KeyStanding {
  readonly blockers: readonly RetireBlocker[];
  /** Where the configuration lists the key without using it for new wraps. */
  readonly listed: readonly string[];
  /** Ids of complete campaigns that left it. */
  readonly leftBy: readonly string[];
}

/** Three beats of 30 s: what has been silent for longer does not count as alive. */
const aliveMs = 90_000;

export async function findStanding(
  keyArn: string,
  { config, kms, state, campaigns, now }: RetireDeps,
  { signal }: CallOptions,
): Promise<KeyStanding> {
  const { current, listed } = await configurationUse(keyArn, config, kms, { signal });
  const blockers: RetireBlocker[] = current.map((setting) => ({
    kind: "configuration",
    message: `the configuration's ${setting} means the key: new wraps are made under it`,
  }));
  const concerning = await campaignsOf(keyArn, campaigns, { signal });
  blockers.push(...concerning.blockers);
  for (const beat of await state.listHeartbeats({ signal })) {
    const profiles = profilesUnder(beat, keyArn);
    if (profiles.length === 0 || now().getTime() - Date.parse(beat.at) > aliveMs) continue;
    const message = `${beat.service} ${beat.workerId} is alive and makes DEKs under the key: ${profiles.join(", ")}`;
    blockers.push({ kind: "worker", message });
  }
  return { blockers, listed, leftBy: concerning.leftBy };
}

async function campaignsOf(keyArn: string, campaigns: RetireDeps["campaigns"], options: CallOptions) {
  const blockers: RetireBlocker[] = [];
  const leftBy: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await campaigns.list({ ...options, cursor });
    for (const campaign of page.entries) {
      if (!isEnded(campaign.status) && concerns(campaign, keyArn)) {
        blockers.push({
          kind: "campaign",
          message: `campaign ${campaign.id} concerns the key, and is ${campaign.status}`,
        });
      }
      if (hasLeft(campaign, keyArn)) leftBy.push(campaign.id);
    }
    for (const id of page.malformed) {
      blockers.push({ kind: "campaign", message: `campaign ${id} cannot be read: it may concern the key` });
    }
    ({ cursor } = page);
  } while (cursor !== undefined);
  return { blockers, leftBy };
}

function concerns({ targets, locks }: Campaign, keyArn: string): boolean {
  return locks.includes(keyArn) || targets.some((target) => [...target.sources, target.keyArn].includes(keyArn));
}

function hasLeft({ kind, status, targets }: Campaign, keyArn: string): boolean {
  return kind === "key" && status === "complete" && targets.some(({ sources }) => sources.includes(keyArn));
}

function profilesUnder({ keys }: Heartbeat, keyArn: string): readonly string[] {
  return Object.entries(keys).flatMap(([profile, byRegion]) =>
    Object.values(byRegion).includes(keyArn) ? [profile] : [],
  );
}
