import { randomUUID } from "node:crypto";
import type { Redis } from "ioredis";
import type { KmsPriority } from "../kms-call.ts";
import { createSharedMeter, type SharedMeter, type SharedMeterSettings } from "../quota/shared-meter.ts";

const startedAt = 1_790_000_000_000_000;
/** In the units of the script's clock. */
export const seconds = 1_000_000;
export const settings: SharedMeterSettings = { share: 1_000, floor: 0, reserve: 0.2, campaign: 0.6 };

/** A meter of its own, whose clock and server the test holds; slots are times on that clock. */
export function heldMeter(redis: Redis, own: Partial<SharedMeterSettings> = {}) {
  const world = { now: startedAt, server: "first", campaign: own.campaign ?? settings.campaign };
  const meter: SharedMeter = createSharedMeter({
    redis,
    key: randomUUID(),
    settings: () => ({ ...settings, ...own, campaign: world.campaign }),
    serverId: () => world.server,
    now: () => world.now,
  });
  const slots = async (priority: KmsPriority, want: number) => {
    const { delaysMs } = await meter.acquire(priority, want);
    return delaysMs.map((delay) => world.now + delay * 1_000);
  };
  return { world, meter, slots };
}

/** A meter that has been in use: what a fresh server holds back is over. */
export async function settledMeter(redis: Redis, own: Partial<SharedMeterSettings> = {}) {
  const made = heldMeter(redis, own);
  await made.meter.acquire("interactive", 1);
  made.world.now += seconds;
  return made;
}
