import { eventually } from "@dekhand/testing";
import { describe, expect, it } from "vitest";
import { createEntryBatcher, type EntryAnswer, type EntryBatcherOptions } from "./entry-batcher.ts";

const ok: EntryAnswer = { ok: true };

function batcher(parts: Partial<EntryBatcherOptions<string>> = {}) {
  const calls: (readonly string[])[] = [];
  const stop = new AbortController();
  const send = parts.send ?? (async (items: readonly string[]) => items.map(() => ok));
  const made = createEntryBatcher<string>({
    maxEntries: 3,
    maxDelayMs: 5,
    maxConcurrent: 2,
    backoff: { baseMs: 1, capMs: 4 },
    signal: stop.signal,
    ...parts,
    send: (items, signal) => {
      calls.push(items);
      return send(items, signal);
    },
  });
  return { ...made, calls, stop };
}

describe("the entry batcher", () => {
  it("sends a full batch at once and the rest after its delay", async () => {
    const { submit, calls } = batcher();
    await Promise.all(["a", "b", "c", "d"].map((item) => submit(item)));
    expect(calls).toEqual([["a", "b", "c"], ["d"]]);
  });

  it("sends again only what failed", async () => {
    let failures = 2;
    const send = async (items: readonly string[]) =>
      items.map((item): EntryAnswer => {
        if (item !== "b" || failures === 0) return ok;
        failures -= 1;
        return { ok: false, final: false, code: "InternalError" };
      });
    const { submit, calls } = batcher({ send });
    expect(await Promise.all(["a", "b", "c"].map((item) => submit(item)))).toEqual([ok, ok, ok]);
    expect(calls).toEqual([["a", "b", "c"], ["b"], ["b"]]);
  });

  it("sends all again when the call as a whole failed", async () => {
    let calls = 0;
    const send = async (items: readonly string[]) => {
      calls += 1;
      if (calls === 1) throw new Error("connection reset");
      return items.map(() => ok);
    };
    const { submit } = batcher({ send });
    expect(await Promise.all(["a", "b"].map((item) => submit(item)))).toEqual([ok, ok]);
  });

  it("does not repeat what would fail again, and what nobody wants any more", async () => {
    const failure: EntryAnswer = { ok: false, final: true, code: "ReceiptHandleIsInvalid" };
    const finalOnes = batcher({ send: async (items) => items.map(() => failure) });
    expect(await finalOnes.submit("a")).toEqual({ ok: false, code: "ReceiptHandleIsInvalid" });
    expect(finalOnes.calls).toHaveLength(1);

    const passing: EntryAnswer = { ok: false, final: false, code: "Throttled" };
    const unwanted = batcher({ send: async (items) => items.map(() => passing) });
    let looks = 0;
    const wanted = () => ++looks <= 3;
    expect(await unwanted.submit("a", { wanted })).toEqual({ ok: false, code: "Throttled" });
    expect(unwanted.calls).toHaveLength(3);
  });

  it("counts an entry without an answer as failed", async () => {
    let calls = 0;
    const { submit } = batcher({ send: async () => (++calls === 1 ? [] : [ok]) });
    expect(await submit("a")).toEqual(ok);
    expect(calls).toBe(2);
  });

  it("keeps a batch within its bytes, and sends what is larger alone", async () => {
    const { submit, calls } = batcher({ maxBytes: 4, bytesOf: (item) => item.length });
    await Promise.all(["aa", "bb", "c", "ddddd", "e"].map((item) => submit(item)));
    expect(calls).toEqual([["aa", "bb"], ["c"], ["ddddd"], ["e"]]);
  });

  it("has no more calls under way than allowed", async () => {
    let running = 0;
    let peak = 0;
    const send = async (items: readonly string[]) => {
      running += 1;
      peak = Math.max(peak, running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      return items.map(() => ok);
    };
    const { submit } = batcher({ maxEntries: 1, send });
    await Promise.all(Array.from({ length: 20 }, (_, index) => submit(String(index))));
    expect(peak).toBe(2);
  });

  it("waits for no company once hurried", async () => {
    const { submit, hurry } = batcher({ maxDelayMs: 60_000 });
    const waiting = submit("a");
    hurry();
    expect(await waiting).toEqual(ok);
    expect(await submit("b")).toEqual(ok);
  });

  it("leaves nobody waiting when it is stopped", async () => {
    const { submit, stop, calls } = batcher({
      maxDelayMs: 60_000,
      send: (_, signal) =>
        new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
    });
    const sent = ["a", "b", "c"].map((item) => submit(item));
    const gathering = submit("d");
    await eventually(() => calls.length === 1);
    stop.abort();
    for (const result of await Promise.all([...sent, gathering, submit("late")])) expect(result.ok).toBe(false);
  });
});
