import { type LocalRedis, startRedis } from "@dekhand/local-redis";
import fc from "fast-check";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { KMS_PRIORITIES } from "../kms-call.ts";
import { worstSecond } from "../testing/admissions.ts";
import { seconds, settledMeter } from "../testing/held-meter.ts";
import { MAX_LEASE } from "./lease-pool.ts";

let local: LocalRedis;
let redis: Redis;

beforeAll(async () => {
  local = await startRedis();
  redis = new Redis(local.url);
});

afterAll(async () => {
  redis.disconnect();
  await local.stop();
});

describe("the quota script, when the campaign's part changes,", () => {
  it("holds the share, but for two leases, also while workers ask by different parts", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            priority: fc.constantFrom(...KMS_PRIORITIES),
            want: fc.integer({ min: 20, max: 100 }),
            passMicros: fc.integer({ min: 0, max: 30_000 }),
            campaign: fc.option(fc.integer({ min: 0, max: 80 })),
          }),
          { minLength: 100, maxLength: 200 },
        ),
        async (asks) => {
          const { world, slots } = await settledMeter(redis);
          const granted: number[] = [];
          for (const { priority, want, passMicros, campaign } of asks) {
            world.now += passMicros;
            if (campaign !== null) world.campaign = campaign / 100;
            granted.push(...(await slots(priority, want)));
          }
          // Without settling between the lanes, a single change lets a hundred and more through.
          expect(worstSecond(granted, seconds)).toBeLessThanOrEqual(1_000 + 2 * MAX_LEASE);
        },
      ),
      { numRuns: 40 },
    );
  });

  it("gives it with the next lease, whether that is less, nothing or more", async () => {
    const { world, slots } = await settledMeter(redis);
    const perSecond = async (campaign: number) => {
      world.campaign = campaign;
      let count = 0;
      for (let step = 0; step < 20; step += 1) {
        count += (await slots("campaign", 100)).length;
        world.now += seconds / 20;
      }
      return count;
    };
    // At the part of before, slots have been leased 150 ms ahead.
    expect(await perSecond(0.6)).toBeGreaterThan(600);
    expect(await perSecond(0.05)).toBeLessThanOrEqual(50);
    expect(await perSecond(0)).toBe(0);
    expect(await perSecond(0.8)).toBeGreaterThan(700);
    expect(await perSecond(0.0001)).toBeLessThanOrEqual(1);
    expect(await perSecond(0.6)).toBeGreaterThan(500);
  });
});
