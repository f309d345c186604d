import { randomBytes, randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { outcomesOf, outcomesSince } from "./stack/outcomes.ts";
import { deadLetters, sendBodies } from "./stack/raw-queues.ts";
import { plainProfile, type RunningEncryptor, region, type Stack, startStack } from "./stack/start-stack.ts";
import { tablesOf } from "./stack/tables.ts";

const orders = permutations([1, 2, 3]).map((order) => ({ order }));
const partBytes = 400 * 1024;

describe("a record is written once", () => {
  let stack: Stack;
  let running: RunningEncryptor;

  beforeAll(async () => {
    stack = await startStack();
    // A single write at a time would never show a race.
    running = await stack.startEncryptor({ options: { batchDelayMs: 20 } });
  });
  afterAll(() => stack?.[Symbol.asyncDispose]());

  const job = (recordId: string, payload: Uint8Array | string, revision?: number) => ({
    ...{ id: randomUUID(), recordId, profile: plainProfile, payload: Buffer.from(payload) },
    ...(revision === undefined ? {} : { revision }),
  });

  const text = async (recordId: string) => (await stack.client.read(recordId, {})).payload.toString();

  /** Submits together, and waits until each has its outcome. Returns what was counted meanwhile. */
  async function settle(jobs: readonly ReturnType<typeof job>[], via: "sqs" | "bullmq" = "sqs") {
    const before = await outcomesOf(running);
    const results = await stack.client.submitAll(jobs, { via });
    expect(results.filter(({ ok }) => !ok)).toEqual([]);
    return outcomesSince(running, before, jobs.length);
  }

  const codesOf = async (recordId: string) =>
    (await deadLetters(stack))
      .filter((each) => each.attributes.RecordId === recordId)
      .map((each) => each.attributes.ReasonCode);

  it("the same job delivered again is done without effect", async () => {
    const recordId = `again-${randomUUID()}`;
    const same = job(recordId, "once");
    expect(await settle([same])).toEqual({ "done stored": 1 });
    const { createdAt } = await stack.client.read(recordId, {});
    expect(await settle([same, same, same])).toEqual({ "done duplicate": 3 });
    expect(await stack.client.read(recordId, {})).toMatchObject({ createdAt, payload: Buffer.from("once") });
  });

  it("the same job five times in one batch stores one value", async () => {
    const same = job(`batch-${randomUUID()}`, "once");
    expect(await settle([same, same, same, same, same])).toEqual({ "done stored": 1, "done duplicate": 4 });
    expect(await text(same.recordId)).toBe("once");
  });

  it("of two jobs for one record in one batch one is stored, the other rejected", async () => {
    const recordId = `two-${randomUUID()}`;
    expect(await settle([job(recordId, "a"), job(recordId, "b")])).toEqual({
      "done stored": 1,
      "reject STORE_RECORD_EXISTS": 1,
    });
    expect(["a", "b"]).toContain(await text(recordId));
    await expect.poll(() => codesOf(recordId)).toEqual(["STORE_RECORD_EXISTS"]);
  });

  it.for(orders)("revisions one after the other in the order $order: the highest stays", async ({ order }) => {
    const recordId = `order-${order.join("")}-${randomUUID()}`;
    let highest = 0;
    for (const revision of order) {
      const outcome = revision < highest ? "superseded" : highest === 0 ? "stored" : "replaced";
      expect(await settle([job(recordId, `revision ${revision}`, revision)])).toEqual({ [`done ${outcome}`]: 1 });
      highest = Math.max(highest, revision);
      expect(await text(recordId)).toBe(`revision ${highest}`);
    }
  });

  it.for(orders)(
    "revisions in one batch in the order $order: the highest stays, none is rejected",
    async ({ order }) => {
      const recordId = `batch-${order.join("")}-${randomUUID()}`;
      const counts = await settle(
        order.map((revision) => job(recordId, `revision ${revision}`, revision)),
        "bullmq",
      );
      expect(Object.keys(counts).every((outcome) => outcome.startsWith("done "))).toBe(true);
      expect(await text(recordId)).toBe("revision 3");
      expect((await stack.client.read(recordId, {})).revision).toBe(3);
    },
  );

  it("an equal revision of another job is rejected, and so is a job without one", async () => {
    const recordId = `equal-${randomUUID()}`;
    expect(await settle([job(recordId, "first", 7)])).toEqual({ "done stored": 1 });
    expect(await settle([job(recordId, "equal", 7)])).toEqual({ "reject STORE_REVISION_CONFLICT": 1 });
    expect(await settle([job(recordId, "none")])).toEqual({ "reject STORE_RECORD_EXISTS": 1 });
    expect(await text(recordId)).toBe("first");
    await expect
      .poll(async () => (await codesOf(recordId)).toSorted())
      .toEqual(["STORE_RECORD_EXISTS", "STORE_REVISION_CONFLICT"]);
  });

  it("an old job that comes back after a newer one does not put its value back", async () => {
    const recordId = `late-${randomUUID()}`;
    const old = job(recordId, "old", 1);
    await settle([old]);
    await settle([job(recordId, "new", 2)]);
    expect(await settle([old])).toEqual({ "done superseded": 1 });
    expect(await text(recordId)).toBe("new");
  });

  it("a record of several parts that is read while it is replaced gives one complete value at every reading", async () => {
    const recordId = `replaced-${randomUUID()}`;
    const values = Array.from({ length: 8 }, (_, revision) => Buffer.alloc(2 * partBytes + revision, revision));
    await settle([job(recordId, values[0] ?? "", 0)], "bullmq");
    const replacing = new AbortController();
    const seen = new Set<number>();
    const reader = async () => {
      let last = 0;
      while (!replacing.signal.aborted) {
        const { payload, revision = -1 } = await stack.client.read(recordId, {});
        expect(values[revision]?.equals(payload)).toBe(true);
        expect(revision).toBeGreaterThanOrEqual(last);
        last = revision;
        seen.add(revision);
      }
    };
    const readers = Promise.all([reader(), reader()]);
    for (const [revision, value] of values.entries())
      if (revision > 0) await settle([job(recordId, value, revision)], "bullmq");
    replacing.abort();
    await readers;
    expect(seen.size).toBeGreaterThan(2);
    expect((await stack.client.read(recordId, {})).revision).toBe(values.length - 1);
  });

  it("no message stays behind", async () => {
    for (const consumer of running.encryptor.consumers()) {
      expect(consumer.stats()).toMatchObject({ inFlight: 0, retried: 0, lost: 0 });
    }
  });
});

describe("one job of several parts that four workers get at once", () => {
  const copies = 4;

  it("leaves one complete record, though each of them seals it and writes its parts", async () => {
    await using stack = await startStack();
    const payload = randomBytes(540_000);
    const fields = { version: 1, kind: "encrypt", id: randomUUID(), recordId: "parts", profile: plainProfile };
    const body = JSON.stringify({ ...fields, context: {}, payload: payload.toString("base64") });
    for (let copy = 0; copy < copies; copy += 1) await sendBodies(stack, [body]);
    // A delivery looks for a head, writes its parts, then its head: all of them have looked before any has written one.
    stack.aws.control.setLatency(region, 6_000, { service: "dynamodb", operation: "BatchWriteItem" });
    // One slot each: nobody sees two of the copies.
    const workers = await Promise.all(
      Array.from({ length: copies }, () => stack.startEncryptor({ concurrency: 1, options: { batchItems: 1 } })),
    );
    const outcomes = async () => {
      const counts: Record<string, number> = {};
      for (const worker of workers) {
        for (const [name, count] of Object.entries(await outcomesOf(worker)))
          counts[name] = (counts[name] ?? 0) + count;
      }
      return counts;
    };
    await expect.poll(outcomes, { timeout: 40_000 }).toEqual({ "done stored": 1, "done duplicate": copies - 1 });

    const items = await tablesOf(stack).scan("records");
    const sealings = new Set(items.flatMap(({ item }) => /^part#(\w+)#/.exec(item?.S ?? "")?.[1] ?? []));
    expect(sealings.size, "workers that wrote at the same time").toBe(copies);
    expect((await stack.client.read("parts", {})).payload).toEqual(payload);
    expect(await deadLetters(stack)).toEqual([]);
  });
});

function permutations(items: readonly number[]): number[][] {
  if (items.length <= 1) return [[...items]];
  return items.flatMap((item) => permutations(items.filter((other) => other !== item)).map((rest) => [item, ...rest]));
}
