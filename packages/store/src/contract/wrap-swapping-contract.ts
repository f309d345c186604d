/** What swapping wraps guarantees, whatever is behind the store. */

import { beforeAll, describe, expect, it } from "vitest";
import { ownedWrap, ownedWraps, swapOf } from "../testing/wraps/sample-wraps.ts";
import type { WrapRef, WrapStore, WrapSwap } from "../wraps/wrap-types.ts";
import type { WrapStoreSetup, WrapStoreSubject } from "./wrap-subject.ts";

export function describeWrapSwapping(setup: WrapStoreSetup): void {
  describe("swapping wraps", () => {
    let subject: WrapStoreSubject;
    let store: WrapStore;

    beforeAll(async () => {
      subject = await setup();
      store = subject.store;
    });

    const stored = async (count = 1): Promise<WrapRef[]> => {
      const wraps = ownedWraps(count);
      const ids = await subject.put(wraps);
      return wraps.map(({ blob }, index) => ({ id: ids[index] ?? "", blob, context: {} }));
    };
    const one = async (): Promise<WrapRef> => (await stored())[0] ?? Promise.reject(new Error("nothing was stored"));
    const kinds = async (swaps: readonly WrapSwap[]) => (await store.swap(swaps)).map(({ kind }) => kind);

    it("a swap changes the blob and the labels that the store keeps, and nothing else", async () => {
      const wrap = ownedWrap();
      const [id = ""] = await subject.put([wrap]);
      const rest = await subject.restOf(id);
      const before = await store.read(id);
      const swap = swapOf({ id, blob: wrap.blob });
      expect(await store.swap([swap])).toEqual([{ kind: "swapped" }]);

      const after = await store.read(id);
      expect(after?.blob).toEqual(swap.next.blob);
      expect(after?.context).toEqual(before?.context);
      expect(after?.keyArn).toBe(store.labels.keyArn ? swap.next.keyArn : before?.keyArn);
      expect(after?.material).toBe(store.labels.material ? swap.next.material : before?.material);
      expect(after?.campaign).toBe(store.labels.campaign ? swap.next.campaign : undefined);
      expect(await subject.restOf(id)).toEqual(rest);
    });

    it("a swap to a blob without a material id leaves none of before beside it", async () => {
      const wrap = await one();
      const { material: _, ...next } = swapOf(wrap).next;
      expect(await kinds([{ id: wrap.id, oldBlob: wrap.blob, next }])).toEqual(["swapped"]);
      expect(await store.read(wrap.id)).not.toHaveProperty("material");
    });

    it("a wrap that changed since it was read is a conflict and stays as it is", async () => {
      const wrap = await one();
      const [first, second] = [swapOf(wrap), swapOf(wrap)];
      expect(await kinds([first])).toEqual(["swapped"]);
      expect(await kinds([second])).toEqual(["conflict"]);
      expect((await store.read(wrap.id))?.blob).toEqual(first.next.blob);
    });

    it("a wrap that was deleted since it was read is gone, and is not put back", async () => {
      const wrap = await one();
      await subject.remove(wrap.id);
      expect(await kinds([swapOf(wrap)])).toEqual(["gone"]);
      expect(await store.read(wrap.id)).toBeUndefined();
    });

    it("of two swaps of one wrap at once, in one call or in two, exactly one wins", async () => {
      for (const wrap of await stored(6)) {
        const swaps = [swapOf(wrap), swapOf(wrap)];
        const outcomes = (await Promise.all(swaps.map((swap) => kinds([swap])))).flat();
        expect(outcomes.toSorted()).toEqual(["conflict", "swapped"]);
        const winner = swaps[outcomes.indexOf("swapped")];
        expect((await store.read(wrap.id))?.blob).toEqual(winner?.next.blob);
      }
      const wrap = await one();
      expect((await kinds([swapOf(wrap), swapOf(wrap)])).toSorted()).toEqual(["conflict", "swapped"]);
    });

    it("a swap whose answer was lost and that is sent again is swapped, and only once", async () => {
      const [first, second] = await stored(2);
      if (!first || !second) throw new Error("nothing was stored");
      const swaps = [swapOf(first), swapOf(second)];
      expect(await kinds(swaps.slice(0, 1))).toEqual(["swapped"]);
      expect(await kinds(swaps)).toEqual(["swapped", "swapped"]);
      expect(await kinds(swaps)).toEqual(["swapped", "swapped"]);
    });

    it("130 swaps in one call are answered in order, and one that cannot be done stops no other", async () => {
      const wraps = await stored(130);
      const deleted = new Set([3, 77]);
      const changed = new Set([4, 129]);
      await Promise.all([...deleted].map((index) => subject.remove(wraps[index]?.id ?? "")));
      expect(await kinds([...changed].flatMap((index) => swapOf(wraps[index] ?? wrapOfNobody)))).toEqual([
        "swapped",
        "swapped",
      ]);

      const swaps = wraps.map((wrap) => swapOf(wrap));
      // An id that no wrap of any store has, in the middle.
      const outcomes = await kinds(swaps.toSpliced(60, 0, swapOf(wrapOfNobody)));
      expect(["failed", "gone"]).toContain(outcomes[60]);
      expect(outcomes.toSpliced(60, 1)).toEqual(
        wraps.map((_, index) => (deleted.has(index) ? "gone" : changed.has(index) ? "conflict" : "swapped")),
      );
      const blobs = await Promise.all(wraps.slice(0, 3).map(async ({ id }) => (await store.read(id))?.blob));
      expect(blobs).toEqual(swaps.slice(0, 3).map(({ next }) => next.blob));
    });

    it("no swap is an answer too", async () => {
      expect(await store.swap([])).toEqual([]);
    });

    it("an aborted call answers for every swap and changes nothing", async () => {
      const wraps = await stored(3);
      const outcomes = await store.swap(
        wraps.map((wrap) => swapOf(wrap)),
        { signal: AbortSignal.abort(new Error("stopped")) },
      );
      expect(outcomes).toMatchObject(
        wraps.map(() => ({ kind: "failed", error: { code: "STORE_CANCELLED", retryable: true } })),
      );
      for (const { id, blob } of wraps) expect((await store.read(id))?.blob).toEqual(blob);
    });
  });
}

const wrapOfNobody: WrapRef = { id: "", blob: Buffer.from("none"), context: {} };
