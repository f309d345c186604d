import { eventually } from "@dekhand/testing";
import type { Queue } from "bullmq";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  brokenSeals,
  contractBreaches,
  goodFields,
  maxPayloadBytes,
  profileBreaches,
  sealed,
  sealedBreaches,
} from "./stack/bad-jobs.ts";
import { listRejected, openBullQueue, type RejectedListing, transitKeyOf } from "./stack/raw-queues.ts";
import { type RunningEncryptor, region, type Stack, startStack } from "./stack/start-stack.ts";

const canary = Buffer.from("a payload that Redis must not keep").toString("base64");
const codes: readonly (readonly [title: string, code: string])[] = [
  ["data that is text", "JOBS_JSON_INVALID"],
  ["data that is null", "JOBS_JSON_INVALID"],
  ["a plain payload", "JOBS_PAYLOAD_PLAIN_OVER_REDIS"],
  ["an empty payload", "JOBS_PAYLOAD_EMPTY"],
  ["a payload one byte too large", "JOBS_PAYLOAD_TOO_LARGE"],
  ...[...contractBreaches, ...profileBreaches].map(({ title, code }) => [title, code] as const),
  ...Object.entries(sealedBreaches),
];

describe("bad jobs in BullMQ", () => {
  let stack: Stack;
  let running: RunningEncryptor;
  let queue: Queue;
  let redis: Redis;
  let listing: RejectedListing;
  /** BullMQ's own id by title. */
  const ids = new Map<string, string>();
  const good = Array.from({ length: 40 }, (_, index) => ({ ...goodFields(), payload: Buffer.from(`good ${index}`) }));

  const quarantined = (title: string) => stack.stores.state.getQuarantine(`${queue.name}/${ids.get(title)}`);

  beforeAll(async () => {
    stack = await startStack();
    queue = openBullQueue(stack);
    redis = new Redis(stack.embedded.redisUrl);
    const bad = await badJobs(stack);
    const goods = await stack.client.submitAll(good, { via: "bullmq" });
    expect(goods.every(({ ok }) => ok)).toBe(true);
    for (const [title, data] of bad) ids.set(title, (await queue.add("encrypt", data, once)).id ?? "");
    const { config } = stack;
    running = await stack.startEncryptor({
      config: { ...config, limits: { ...config.limits, payloadBytes: maxPayloadBytes } },
    });
    await eventually(async () => expect((await listRejected(stack)).quarantine).toHaveLength(bad.size), {
      timeoutMs: 40_000,
      intervalMs: 200,
    });
    // A listing reads one place after the other: only one that began afterwards has all of both.
    listing = await listRejected(stack);
  });
  afterAll(async () => {
    redis?.disconnect();
    await queue?.close();
    await stack?.[Symbol.asyncDispose]();
  });

  it.for([...codes])("%s: the job ends in quarantine with %s", async ([title, code]) => {
    const entry = await quarantined(title);
    expect(entry?.code).toBe(code);
    expect(entry?.message).toMatch(/./);
    expect(entry?.digest).toMatch(/^[0-9a-f]{64}$/);
    expect(JSON.stringify(entry)).not.toContain(canary);
  });

  it("the good neighbours are stored and read back", async () => {
    for (const { recordId, context, payload } of good) {
      const opened = await eventually(() => stack.client.read(recordId, context));
      expect(opened.payload).toEqual(payload);
    }
  });

  it("nothing crashed, nothing was handed back, and every job left the queue", async () => {
    const bull = running.encryptor.consumers()[1];
    await eventually(() => expect(bull?.stats().inFlight).toBe(0));
    expect(bull?.stats()).toMatchObject({ done: good.length, rejected: ids.size, retried: 0, lost: 0 });
    expect(await queue.getJobCounts()).toMatchObject({ active: 0, waiting: 0, delayed: 0, failed: 0, completed: 0 });
    expect(stack.logs()).not.toContain("unexpected failure");
    expect(await everythingIn(redis)).not.toContain(canary);
  });

  it("the list shows which can be redriven: those whose payload is sealed", () => {
    const kept = listing.rejected.map(({ code }) => code).toSorted();
    const sealedCodes = [...profileBreaches.map(({ code }) => code), ...Object.values(sealedBreaches)];
    // What breaks the contract is nobody's sealed job: it may hold anything in the clear.
    expect(kept).toEqual(sealedCodes.filter((code) => code !== "JOBS_SEALED_INVALID").toSorted());
  });

  it("a plain payload is out of Redis before anything else happens to its job", async () => {
    const before = await everythingIn(redis);
    expect(before).not.toContain(canary);
    stack.aws.control.injectErrors(region, { service: "dynamodb", errorName: "InternalServerError", status: 500 });
    const { id } = await queue.add("encrypt", { ...goodFields(), payload: canary }, once);
    await eventually(async () => expect(await everythingIn(redis)).not.toContain(canary));
    expect(await queue.getActiveCount()).toBe(1);
    stack.aws.control.clearFaults(region);
    const entry = () => stack.stores.state.getQuarantine(`${queue.name}/${id}`);
    await expect.poll(entry, { timeout: 40_000 }).toMatchObject({ code: "JOBS_PAYLOAD_PLAIN_OVER_REDIS" });
  });

  it("data that is not even JSON is quarantined, and the queue goes on", async () => {
    await queue.pause();
    const { id } = await queue.add("encrypt", {}, once);
    await redis.hset(queue.toKey(id ?? ""), "data", '{"version":1,');
    await queue.resume();
    const entry = () => stack.stores.state.getQuarantine(`${queue.name}/${id}`);
    await expect.poll(entry, { timeout: 40_000 }).toMatchObject({ code: "JOBS_JSON_INVALID" });
  });
});

const once = { removeOnComplete: true, removeOnFail: true };

async function badJobs(stack: Stack): Promise<Map<string, unknown>> {
  const key = await transitKeyOf(stack);
  const payload = Buffer.from("sealed");
  const bad = new Map<string, unknown>([
    ["data that is text", "text"],
    ["data that is null", null],
    ["a plain payload", { ...goodFields(), payload: canary }],
    ["an empty payload", await sealed({}, key, Buffer.alloc(0))],
    ["a payload one byte too large", await sealed({}, key, Buffer.alloc(maxPayloadBytes + 1))],
    ...(await brokenSeals(key, payload)),
  ]);
  for (const { title, change } of contractBreaches) bad.set(title, { ...(await sealed({}, key, payload)), ...change });
  for (const { title, change } of profileBreaches) bad.set(title, await sealed(change, key, payload));
  return bad;
}

/** All of Redis as text: keys and values of every type that BullMQ uses. */
async function everythingIn(redis: Redis): Promise<string> {
  const found: unknown[] = [];
  for (const key of await redis.keys("*")) {
    const type = await redis.type(key);
    if (type === "hash") found.push(await redis.hgetall(key));
    else if (type === "list") found.push(await redis.lrange(key, 0, -1));
    else if (type === "zset") found.push(await redis.zrange(key, "0", "-1"));
    else if (type === "set") found.push(await redis.smembers(key));
    else if (type === "stream") found.push(await redis.xrange(key, "-", "+"));
    else if (type === "string") found.push(await redis.get(key));
    else if (type !== "none") throw new Error(`a key of an unknown type: ${type}`);
  }
  return JSON.stringify(found);
}
