import { describe, expect, it } from "vitest";
import { createBatcher } from "./batcher.ts";

interface Run {
  readonly items: readonly number[];
  readonly answer: (results?: readonly string[]) => void;
  readonly fail: (error: Error) => void;
}

/** Batches that the test answers by hand. */
function recorded(options: { maxItems: number; maxDelayMs: number; maxConcurrent: number }) {
  const runs: Run[] = [];
  const batcher = createBatcher<number, string>({
    ...options,
    run: (items) =>
      new Promise((resolve, reject) => {
        runs.push({ items, answer: (results) => resolve(results ?? items.map(String)), fail: reject });
      }),
  });
  return { runs, batcher };
}

describe("a batcher", () => {
  it("sends a full batch at once, and answers item by item", async () => {
    const { runs, batcher } = recorded({ maxItems: 3, maxDelayMs: 60_000, maxConcurrent: 1 });
    const answers = Promise.all([batcher.submit(1), batcher.submit(2), batcher.submit(3)]);
    expect(runs.map(({ items }) => items)).toEqual([[1, 2, 3]]);
    runs[0]?.answer();
    expect(await answers).toEqual(["1", "2", "3"]);
  });

  it("sends what has gathered when the oldest item has waited long enough", async () => {
    const { runs, batcher } = recorded({ maxItems: 100, maxDelayMs: 5, maxConcurrent: 1 });
    const answer = batcher.submit(1);
    await expect.poll(() => runs.length).toBe(1);
    runs[0]?.answer();
    expect(await answer).toBe("1");
  });

  it("runs no more batches at once than allowed, and lets the next one grow meanwhile", async () => {
    const { runs, batcher } = recorded({ maxItems: 2, maxDelayMs: 1, maxConcurrent: 1 });
    const answers = Promise.all([1, 2, 3, 4, 5].map((item) => batcher.submit(item)));
    expect(runs.map(({ items }) => items)).toEqual([[1, 2]]);
    for (let done = 0; done < 3; done += 1) {
      await expect.poll(() => runs.length).toBe(done + 1);
      runs[done]?.answer();
    }
    expect(await answers).toEqual(["1", "2", "3", "4", "5"]);
    expect(runs.map(({ items }) => items)).toEqual([[1, 2], [3, 4], [5]]);
  });

  it("fails the items of the batch that failed, and no others", async () => {
    const { runs, batcher } = recorded({ maxItems: 1, maxDelayMs: 1, maxConcurrent: 2 });
    const bad = batcher.submit(1);
    const good = batcher.submit(2);
    runs[0]?.fail(new Error("down"));
    runs[1]?.answer();
    await expect(bad).rejects.toThrow("down");
    expect(await good).toBe("2");
  });

  it("never takes an answer for another item: a short answer fails the batch", async () => {
    const { runs, batcher } = recorded({ maxItems: 2, maxDelayMs: 1, maxConcurrent: 1 });
    const answers = [batcher.submit(1), batcher.submit(2)];
    runs[0]?.answer(["1"]);
    for (const answer of answers) await expect(answer).rejects.toThrow(RangeError);
  });
});
