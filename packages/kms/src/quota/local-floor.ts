import type { KmsPriority } from "../kms-call.ts";
import { COOLDOWN_MS, CUT_FACTOR, LEAST_RATE, RAISE_PER_SECOND } from "./shared-meter.ts";

/** How late a place may be used, in milliseconds: timers are coarse. */
const latenessMs = 20;

/**
 * The part of the share that is this process's own, with Redis and without: evenly
 * spaced calls on the monotonic clock, none saved up. Campaigns may take a part of
 * it only, as they may of what is shared. It slows down with the fleet
 * where the fleet's rate is known, and by itself, by the same rules, where it is not.
 */
export interface LocalFloor {
  /** Takes a call's place if its time has come. */
  take(priority: KmsPriority, now: number): boolean;
  /** When the next call may go, in milliseconds of the monotonic clock; Infinity: never. */
  nextAt(priority: KmsPriority): number;
  /** Calls a second now. */
  rate(now: number): number;
  /** What the floor is when nothing throttles, in calls a second, and the part of it that campaigns may take. */
  setFull(perSecond: number, campaign: number): void;
  /** How much of the share the fleet uses now, 0 to 1. */
  follow(part: number, now: number): void;
  /** KMS has throttled a call, and no fleet is there to tell. */
  cut(now: number): void;
}

export function createLocalFloor(): LocalFloor {
  let full = 0;
  let part = 1;
  let changedAt = 0;
  let cutAt = Number.NEGATIVE_INFINITY;
  let campaign = 1;
  let nextAt = 0;
  let campaignAt = 0;

  const partAt = (now: number) => Math.min(1, part + (RAISE_PER_SECOND * Math.max(0, now - changedAt)) / 1_000);
  const set = (value: number, now: number) => {
    part = value;
    changedAt = now;
  };

  const nextFor = (priority: KmsPriority): number => {
    if (full <= 0) return Number.POSITIVE_INFINITY;
    if (priority !== "campaign") return nextAt;
    return campaign <= 0 ? Number.POSITIVE_INFINITY : Math.max(nextAt, campaignAt);
  };

  return {
    take(priority, now) {
      if (now < nextFor(priority)) return false;
      const perSecond = full * partAt(now);
      nextAt = Math.max(now - latenessMs, nextAt) + 1_000 / perSecond;
      if (priority === "campaign") {
        campaignAt = Math.max(now - latenessMs, campaignAt) + 1_000 / (perSecond * campaign);
      }
      return true;
    },
    nextAt: nextFor,
    rate: (now) => full * partAt(now),
    setFull(perSecond, campaignPart) {
      // What a campaign waits for by the part of before must not outlast it.
      if (campaignPart > campaign) campaignAt = 0;
      full = perSecond;
      campaign = campaignPart;
    },
    follow: set,
    cut(now) {
      if (now - cutAt < COOLDOWN_MS) return;
      cutAt = now;
      set(Math.max(LEAST_RATE, partAt(now) * CUT_FACTOR), now);
    },
  };
}
