import type { Retirement } from "@dekhand/store";
import { CampaignError } from "../errors.ts";
import type { RetireOptions } from "./retire-types.ts";

export const DAY_MS = 86_400_000;

/** How long a key stays enabled and unused before it may be disabled. */
export interface Soak {
  readonly soakMs: number;
  readonly backupsDays: number;
  /** Whether it is another one than the retirement was begun with. */
  readonly isChanged: boolean;
}

/**
 * As it is asked for, as it was begun with, or a day longer than backups are kept; of what was begun with, only an explicit
 * word makes it shorter. Throws CAMPAIGN_PLAN_INVALID for one that ends before the last backup with a wrap under the key.
 */
export function soakOf({ backupsMs, soakMs }: RetireOptions, begun: Retirement | undefined): Soak {
  const begunMs = begun === undefined ? 0 : Date.parse(begun.soakUntil) - Date.parse(begun.startedAt);
  const wanted = soakMs ?? Math.max(begunMs, backupsMs + DAY_MS);
  if (wanted <= backupsMs) {
    throw new CampaignError("CAMPAIGN_PLAN_INVALID", "the soak must be longer than backups are kept");
  }
  const backupsDays = Math.ceil(backupsMs / DAY_MS);
  const isChanged = begun !== undefined && (wanted !== begunMs || backupsDays !== begun.backupsDays);
  return { soakMs: wanted, backupsDays, isChanged };
}

export function soakEnd(startedAt: string, soakMs: number): string {
  return new Date(Date.parse(startedAt) + soakMs).toISOString();
}
