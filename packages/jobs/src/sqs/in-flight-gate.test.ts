import { describe, expect, it } from "vitest";
import { createInFlightGate } from "./in-flight-gate.ts";

const forever = new AbortController().signal;

function gate(parts: { maxMessages?: number; maxBytes?: number; patienceMs?: number } = {}) {
  return createInFlightGate({
    maxMessages: 25,
    maxBytes: 1_000,
    messageBytes: 10,
    batch: 10,
    patienceMs: 20,
    ...parts,
  });
}

describe("the in-flight gate", () => {
  it("gives out room for whole batches until there is none, and again when there is", async () => {
    const room = gate();
    const first = await room.reserve(forever);
    const second = await room.reserve(forever);
    expect([first.count, second.count]).toEqual([10, 10]);
    first.settle([1, 2, 3]);
    expect([room.messages, room.bytes]).toEqual([3, 6]);
    expect((await room.reserve(forever)).count).toBe(10);
  });

  it("waits for a whole batch for a while, then takes what there is", async () => {
    const room = gate({ patienceMs: 30 });
    for (let index = 0; index < 2; index += 1) await room.reserve(forever);
    const startedAt = performance.now();
    expect((await room.reserve(forever)).count).toBe(5);
    expect(performance.now() - startedAt).toBeGreaterThan(25);
  });

  it("takes a whole batch as soon as there is room for one", async () => {
    const room = gate({ maxMessages: 10, patienceMs: 60_000 });
    (await room.reserve(forever)).settle(Array(10).fill(1));
    const waiting = room.reserve(forever);
    for (let index = 0; index < 10; index += 1) room.release(1);
    expect((await waiting).count).toBe(10);
  });

  it("reserves the most that a message may weigh, whatever it weighs in the end", async () => {
    const room = gate({ maxMessages: 100, maxBytes: 35, patienceMs: 0 });
    const first = await room.reserve(forever);
    expect(first.count).toBe(3);
    first.settle([10, 10, 10]);
    const waiting = room.reserve(forever);
    room.release(10);
    expect((await waiting).count).toBe(1);
  });

  it("lets one message in where the limit of bytes is below a message", async () => {
    const room = gate({ maxBytes: 1 });
    const first = await room.reserve(forever);
    expect(first.count).toBe(1);
    first.settle([5]);
    let more = false;
    const waiting = room.reserve(forever).then(() => {
      more = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(more).toBe(false);
    room.release(5);
    await waiting;
  });

  it("stops waiting when it is told to", async () => {
    const room = gate({ maxMessages: 1 });
    await room.reserve(forever);
    const stop = new AbortController();
    const waiting = room.reserve(stop.signal);
    stop.abort(new Error("stopped"));
    await expect(waiting).rejects.toThrow("stopped");
  });
});
