import { setMaxListeners } from "node:events";
import { type LocalRedis, startRedis } from "@dekhand/local-redis";
import type { QuotaConfig } from "@dekhand/runtime";
import { eventually } from "@dekhand/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createWorker, region, type Worker, worstSecond } from "../testing/admissions.ts";

const config: QuotaConfig = {
  share: { callsPerSecond: 500 },
  reserve: 0.2,
  campaign: 0.8,
  floor: 0.2,
  workers: 8,
  source: "defaults",
  regions: { [region]: 1_000 },
};
const nowhere = "redis://127.0.0.1:1";
let redis: LocalRedis;
let stack: AsyncDisposableStack;
let stop: AbortController;
let pressing: Promise<void>[];

beforeEach(async () => {
  stack = new AsyncDisposableStack();
  redis = await startRedis();
  stack.defer(() => redis.stop());
  stop = new AbortController();
  setMaxListeners(0, stop.signal);
  pressing = [];
});

afterEach(async () => {
  stop.abort();
  await Promise.all(pressing);
  await stack.disposeAsync();
});

function fleet(count: number, redisUrl: string, own: Partial<QuotaConfig> = {}): Worker[] {
  return Array.from({ length: count }, () => stack.use(createWorker({ ...config, ...own }, redisUrl)));
}

function press(workers: readonly Worker[], priority: "interactive" | "replicate" | "campaign", count = 25): void {
  pressing.push(...workers.map((worker) => worker.press(priority, count, stop.signal)));
}

const goesOf = (workers: readonly Worker[]): number[] => workers.flatMap(({ goes }) => goes);

/** Once the fleet has let so many more calls go. */
async function after(count: number, workers: readonly Worker[]): Promise<void> {
  const target = goesOf(workers).length + count;
  await eventually(() => goesOf(workers).length >= target, { timeoutMs: 60_000 });
}

const modeOf = (worker: Worker | undefined) => worker?.quota.status()[0]?.mode;

describe("a fleet", () => {
  it("fills its share and never exceeds it by more than a tenth in any second", async () => {
    const workers = fleet(8, redis.url);
    press(workers, "campaign");
    press(workers, "interactive", 2);
    await after(1_500, workers);
    const goes = goesOf(workers);
    expect(worstSecond(goes)).toBeLessThanOrEqual(550);
    // Without what the first second lacks: a new Redis begins after what another one may have leased.
    const first = Math.min(...goes) + 1_000;
    const steady = goes.filter((at) => at >= first);
    const seconds = (Math.max(...goes) - first) / 1_000;
    expect(steady.length / seconds).toBeGreaterThan(400);
  });

  it("stays within its share when half of it has no Redis, and that half goes on", async () => {
    const [sharing, alone] = [fleet(4, redis.url), fleet(4, nowhere)];
    press(sharing, "campaign");
    press(alone, "campaign");
    await after(1_000, [...sharing, ...alone]);
    expect(worstSecond(goesOf([...sharing, ...alone]))).toBeLessThanOrEqual(550);
    for (const worker of alone) {
      expect(modeOf(worker)).toBe("local");
      expect(worker.goes.length).toBeGreaterThan(5);
      expect(worker.quota.status()[0]).toMatchObject({ share: 500, rate: (500 * 0.2) / 8, waiting: { campaign: 25 } });
    }
    expect(modeOf(sharing[0])).toBe("shared");
  });

  it("goes on through a Redis that is killed, started anew and emptied, within its share all the time", async () => {
    const workers = fleet(4, redis.url);
    const [worker] = workers;
    press(workers, "campaign");
    await after(300, workers);
    await redis.kill();
    await eventually(() => modeOf(worker) === "local");
    await after(30, workers);
    await redis.restart();
    await eventually(() => modeOf(worker) === "shared");
    await after(300, workers);
    await emptied(redis);
    await after(300, workers);
    expect(modeOf(worker)).toBe("shared");
    expect(worstSecond(goesOf(workers))).toBeLessThanOrEqual(550);
  });

  it("lets an interactive call pass its own campaigns and those of the others", async () => {
    const workers = fleet(4, redis.url);
    press(workers, "campaign", 50);
    await after(200, workers);
    const [worker] = workers;
    const meter = worker?.quota.meter(region, "crypto");
    const waits: number[] = [];
    for (let call = 0; call < 40; call += 1) {
      const askedAt = performance.now();
      await meter?.admit("interactive", stop.signal);
      waits.push(performance.now() - askedAt);
    }
    // A campaign's leases reach 150 ms ahead; medians, because the machine may be busy.
    expect(waits.toSorted((a, b) => a - b)[20]).toBeLessThan(30);
  });

  it("gives campaigns their new part of the share within half a second, less and more", async () => {
    const workers = fleet(4, redis.url);
    press(workers, "campaign");
    await after(400, workers);
    /** The calls a second from half a second after the change on, over so many calls. */
    const rateAt = async (part: number | undefined, calls: number) => {
      for (const { quota } of workers) quota.setCampaignShare(part);
      const from = performance.now() + 500;
      const steady = () => goesOf(workers).filter((at) => at > from);
      await eventually(() => steady().length > calls, { timeoutMs: 30_000 });
      const goes = steady();
      return ((goes.length - 1) * 1_000) / (Math.max(...goes) - Math.min(...goes));
    };
    const little = await rateAt(0.1, 75);
    expect(little).toBeGreaterThan(50 * 0.7);
    expect(little).toBeLessThan(50 * 1.2);
    expect(workers[0]?.quota.status()[0]).toMatchObject({ share: 500, campaign: 50 });
    const more = await rateAt(0.4, 300);
    expect(more).toBeGreaterThan(200 * 0.7);
    expect(more).toBeLessThan(200 * 1.2);
    expect(await rateAt(undefined, 500)).toBeGreaterThan(400 * 0.7);
    // Beyond what the reserve leaves there is nothing to have.
    for (const { quota } of workers) quota.setCampaignShare(1);
    expect(workers[0]?.quota.status()[0]).toMatchObject({ campaign: 400 });
    expect(worstSecond(goesOf(workers))).toBeLessThanOrEqual(440);
  });

  it("stops campaigns at a part of nothing, and lets them go on as soon as there is one", async () => {
    const workers = [...fleet(2, redis.url), ...fleet(1, nowhere)];
    press(workers, "campaign");
    for (const worker of workers) await after(5, [worker]);
    for (const { quota } of workers) quota.setCampaignShare(0);
    const stoppedAt = performance.now();
    const [first] = workers;
    const meter = first?.quota.meter(region, "crypto");
    // Interactive calls go on meanwhile; they are the clock of this test.
    while (performance.now() < stoppedAt + 1_000) await meter?.admit("interactive", stop.signal);
    expect(goesOf(workers).filter((at) => at > stoppedAt + 500)).toEqual([]);
    for (const { quota } of workers) quota.setCampaignShare(0.5);
    for (const worker of workers) await after(5, [worker]);
  });

  it("is slowed down as a whole when KMS throttles one of its workers", async () => {
    const workers = fleet(4, redis.url);
    press(workers, "campaign");
    await after(200, workers);
    const [first, ...others] = workers;
    first?.quota.meter(region, "crypto").throttled();
    for (const other of others)
      await eventually(() => (other.quota.status()[0]?.rate ?? 500) < 400, { timeoutMs: 5_000 });
  });
});

describe("a call that waits", () => {
  it("leaves at once when its signal aborts, and takes no turn with it", async () => {
    const [worker] = fleet(1, nowhere, { share: { callsPerSecond: 1 } });
    const meter = worker?.quota.meter(region, "crypto");
    await meter?.admit("interactive", stop.signal);
    const caller = new AbortController();
    const waiting = meter?.admit("interactive", caller.signal);
    expect(worker?.quota.status()[0]?.waiting.interactive).toBe(1);
    caller.abort(new Error("gone"));
    await expect(waiting).rejects.toThrow("gone");
    expect(worker?.quota.status()[0]?.waiting.interactive).toBe(0);
  });
});

async function emptied({ url }: LocalRedis): Promise<void> {
  const { Redis } = await import("ioredis");
  const client = new Redis(url);
  await client.flushall();
  client.disconnect();
}
