import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { type LocalRedis, startRedis } from "@dekhand/local-redis";
import { eventually, spawnScript } from "@dekhand/testing";
import fc from "fast-check";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { KMS_PRIORITIES } from "../kms-call.ts";
import { worstSecond } from "../testing/admissions.ts";
import { heldMeter, seconds, settings, settledMeter } from "../testing/held-meter.ts";
import { createQuotaModel } from "../testing/quota-model.ts";
import { AHEAD_MS, COOLDOWN_MS, createSharedMeter } from "./shared-meter.ts";

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

const command = fc.oneof(
  fc.record({
    what: fc.constant("acquire" as const),
    priority: fc.constantFrom(...KMS_PRIORITIES),
    want: fc.integer({ min: 1, max: 60 }),
  }),
  fc.record({ what: fc.constant("pass" as const), micros: fc.integer({ min: 0, max: 2 * seconds }) }),
  fc.record({ what: fc.constant("cut" as const) }),
  fc.record({ what: fc.constant("go back" as const), micros: fc.integer({ min: 1, max: 3_600 * seconds }) }),
  fc.record({ what: fc.constant("other server" as const) }),
  fc.record({ what: fc.constant("other campaign share" as const), part: fraction() }),
);
const anySettings = fc
  .record({ share: fc.integer({ min: 1, max: 100_000 }), floor: fraction(), reserve: fraction(), rest: fraction() })
  .map(({ rest, reserve, ...others }) => ({ ...others, reserve, campaign: rest * (1 - reserve) }));

function fraction() {
  return fc.integer({ min: 0, max: 95 }).map((percent) => percent / 100);
}

describe("the quota script", () => {
  it("grants what the model grants, in any order of calls, cuts, shares and servers that change and clocks that go back", async () => {
    await fc.assert(
      fc.asyncProperty(anySettings, fc.array(command, { maxLength: 40 }), async (own, commands) => {
        const { world, meter, slots } = heldMeter(redis, own);
        const model = createQuotaModel(own);
        let servers = 0;
        for (const each of commands) {
          if (each.what === "pass") world.now += each.micros;
          if (each.what === "go back") world.now -= each.micros;
          if (each.what === "other server") world.server = `server-${++servers}`;
          if (each.what === "other campaign share") {
            world.campaign = each.part * (1 - own.reserve);
            model.setCampaign(world.campaign);
          }
          if (each.what === "cut") {
            model.cut(world.now, world.server);
            expect((await meter.cut()).rate).toBeCloseTo(model.rate(), 3);
          }
          if (each.what === "acquire") {
            const expected = model.acquire(world.now, world.server, each.priority, each.want);
            const granted = await slots(each.priority, each.want);
            // Redis keeps whole microseconds, rounded up once a call.
            const slack = 2 * commands.length;
            expect(Math.abs(granted.length - expected.length)).toBeLessThanOrEqual(own.share > 10_000 ? 2 : 1);
            for (const [at, slot] of granted.entries()) {
              if (expected[at] !== undefined) expect(Math.abs(slot - expected[at])).toBeLessThanOrEqual(slack);
            }
            // The two may part by a slot at the edge of what may be leased: from there on they are different histories.
            if (granted.length !== expected.length) return;
          }
        }
      }),
      { numRuns: 150 },
    );
  });

  it("never grants more slots in any second than the share and one for each lane, whoever asks", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            priority: fc.constantFrom(...KMS_PRIORITIES),
            want: fc.integer({ min: 1, max: 50 }),
            passMicros: fc.integer({ min: 0, max: 60_000 }),
          }),
          { minLength: 50, maxLength: 120 },
        ),
        async (asks) => {
          const { world, slots } = await settledMeter(redis);
          const granted: number[] = [];
          for (const { priority, want, passMicros } of asks) {
            world.now += passMicros;
            granted.push(...(await slots(priority, want)));
          }
          expect(worstSecond(granted, seconds)).toBeLessThanOrEqual(1_000 + KMS_PRIORITIES.length);
        },
      ),
      { numRuns: 20 },
    );
  });

  it("gives an interactive call its slot at once, however much campaigns and replication have leased", async () => {
    const { world, slots } = await settledMeter(redis);
    expect((await slots("campaign", 1_000)).length).toBeGreaterThan(50);
    expect((await slots("replicate", 1_000)).length).toBeGreaterThan(50);
    expect(await slots("interactive", 1)).toEqual([world.now]);
  });

  it("gives a campaign and replication no more than their nested parts, and interactive calls everything", async () => {
    for (const [priority, perSecond] of [
      ["interactive", 1_000],
      ["replicate", 800],
      ["campaign", 600],
    ] as const) {
      const { world, slots } = await settledMeter(redis);
      let count = 0;
      for (let step = 0; step < 100; step += 1) {
        count += (await slots(priority, 100)).length;
        world.now += seconds / 10;
      }
      // What is leased ahead at the end comes on top.
      expect(count).toBeGreaterThanOrEqual(10 * perSecond);
      expect(count).toBeLessThanOrEqual(10 * perSecond + (perSecond * AHEAD_MS[priority]) / 1_000 + 3);
    }
  });

  it("lets those that go first outbid the others within the time that the others may lease ahead", async () => {
    const { world, slots } = await settledMeter(redis);
    await slots("campaign", 1_000);
    const counts = { interactive: 0, campaign: 0 };
    for (let step = 0; step < 50; step += 1) {
      world.now += seconds / 50;
      const interactive = (await slots("interactive", 1_000)).length;
      const campaign = (await slots("campaign", 1_000)).length;
      if (step < 25) continue;
      counts.interactive += interactive;
      counts.campaign += campaign;
    }
    expect(counts.campaign).toBe(0);
    expect(counts.interactive).toBeCloseTo(500, -1);
  });

  it("cuts the rate once in a cooldown, however many tell of a throttled call, and raises it again by 5 % a second", async () => {
    const { world, meter } = await settledMeter(redis);
    const rates = await Promise.all(Array.from({ length: 20 }, async () => (await meter.cut()).rate));
    expect(new Set(rates)).toEqual(new Set([500]));
    world.now += COOLDOWN_MS * 1_000;
    expect((await meter.cut()).rate).toBeCloseTo(257.5, 6);
    world.now += 10 * seconds;
    expect((await meter.acquire("campaign", 1)).rate).toBeCloseTo(757.5, 6);
    world.now += 60 * seconds;
    expect((await meter.acquire("campaign", 1)).rate).toBe(1_000);
  });

  it("goes on at its rate when the clock goes back an hour", async () => {
    const { world, meter, slots } = await settledMeter(redis);
    const before = await slots("campaign", 1_000);
    world.now -= 3_600 * seconds;
    expect(await slots("campaign", 1_000)).toEqual([]);
    expect((await meter.acquire("campaign", 1)).retryMs).toBeLessThan(10);
    world.now += seconds / 10;
    expect((await slots("campaign", 1_000)).length).toBeLessThanOrEqual(before.length);
    expect(await slots("interactive", 1)).toEqual([world.now]);
  });

  it("grants nothing that another server may have leased out already", async () => {
    const { world, slots } = await settledMeter(redis);
    const last = Math.max(...(await slots("interactive", 1_000)));
    world.server = "second";
    expect(await slots("interactive", 1)).toEqual([]);
    world.now += seconds / 10;
    const [first] = await slots("interactive", 1);
    expect(first).toBeGreaterThanOrEqual(last);
  });

  it("says when asking again makes sense", async () => {
    const { world, meter, slots } = await settledMeter(redis, { share: 10 });
    await slots("campaign", 100);
    const { delaysMs, retryMs } = await meter.acquire("campaign", 1);
    expect(delaysMs).toEqual([]);
    expect(retryMs).toBeGreaterThan(0);
    world.now += retryMs * 1_000;
    expect(await slots("campaign", 1)).toHaveLength(1);
  });

  it("loses no more than its own slots to a worker that is killed with a lease in its hands", async () => {
    const [key, own] = [randomUUID(), { ...settings, share: 100 }];
    const meter = createSharedMeter({ redis, key, settings: () => own, serverId: () => "only" });
    await meter.acquire("campaign", 1);
    await eventually(async () => (await meter.acquire("campaign", 1)).delaysMs.length === 1);
    const script = join(import.meta.dirname, "../testing/lease-holder.ts");
    const args = [local.url, key, JSON.stringify(own)];
    await using holder = await spawnScript({ script, args, ready: /^leased \d+$/ });
    const leased = Number(holder.readyLine.split(" ")[1]);
    holder.kill("SIGKILL");
    const { now } = await meter.acquire("interactive", 0);
    await holder.exited;
    const next = await eventually(async () => {
      const grant = await meter.acquire("campaign", 1);
      return grant.delaysMs.length === 1 && grant;
    });
    expect(leased).toBeGreaterThan(0);
    const [delayMs = Number.NaN] = next.delaysMs;
    const slotMs = 1_000 / (100 * own.campaign);
    const sinceMs = (next.now - now) / 1_000;
    expect(delayMs).toBeLessThanOrEqual(Math.max(0, AHEAD_MS.campaign - sinceMs) + slotMs + 2);
  });

  it("leaves a meter that nobody uses to expire", async () => {
    const key = randomUUID();
    const meter = createSharedMeter({ redis, key, settings: () => settings, serverId: () => "first" });
    await meter.acquire("campaign", 1);
    expect(await redis.pttl(key)).toBeGreaterThan(0);
  });
});
