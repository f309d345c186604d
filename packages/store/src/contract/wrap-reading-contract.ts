/** What reading a wrap store guarantees, whatever is behind it. */

import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { ownedWrap, ownedWraps } from "../testing/wraps/sample-wraps.ts";
import type { MalformedWrap, WrapRef, WrapScanOptions, WrapStore } from "../wraps/wrap-types.ts";
import type { OwnedWrap, WrapStoreSetup, WrapStoreSubject } from "./wrap-subject.ts";

/** First bytes of messages of both versions. */
const sdkMessages = ["0180037800", "0180001400", "0205780000", "0204780000"].map((hex) => Buffer.from(hex, "hex"));

export function describeWrapReading(setup: WrapStoreSetup): void {
  describe("reading wraps", () => {
    let subject: WrapStoreSubject;
    let store: WrapStore;
    let owned: readonly OwnedWrap[];
    let ids: readonly string[];

    beforeAll(async () => {
      subject = await setup();
      store = subject.store;
      owned = ownedWraps(23);
      ids = await subject.put(owned);
    });

    it("a wrap comes with its blob, its KMS context and the labels that the store keeps", async () => {
      const wraps = [ownedWrap(), withoutMaterial(ownedWrap())];
      const found = await Promise.all((await subject.put(wraps)).map((id) => store.read(id)));
      for (const [index, wrap] of wraps.entries()) {
        expect(found[index]?.blob).toEqual(wrap.blob);
        expect(found[index]?.context).toEqual(subject.contextOf(wrap));
        if (store.labels.keyArn) expect(found[index]?.keyArn).toBe(wrap.keyArn);
        expect(found[index]?.material).toBe(store.labels.material ? wrap.material : undefined);
        expect(found[index]).not.toHaveProperty("campaign");
      }
      await Promise.all(found.map((wrap) => subject.remove(wrap?.id ?? "")));
    });

    it.each([
      [1, 1],
      [7, 1],
      [10_000, 1],
      [1, 3],
      [4, 8],
      [500, 8],
    ])("pages of at most %i in %i segments give every wrap once, and the same as read does", async (pageSize, of) => {
      const { wraps, malformed } = await scanAll(store, of, { pageSize });
      expect(wraps.map(({ id }) => id).sort()).toEqual([...ids].sort());
      expect(malformed).toEqual([]);
      for (const wrap of wraps.slice(0, 3)) expect(await store.read(wrap.id)).toEqual(wrap);
    });

    it("a consistent scan gives the same", async () => {
      const { wraps } = await scanAll(store, 2, { pageSize: 5, consistent: true });
      expect(wraps.map(({ id }) => id).sort()).toEqual([...ids].sort());
    });

    it("a cursor is text: a scan that stopped at any page goes on from it as if it had not", async () => {
      const of = store.segments(1);
      const whole: string[] = [];
      let kept: string | undefined;
      do {
        const page = await store.scan(
          { index: 0, of },
          { pageSize: 4, ...(kept === undefined ? {} : { cursor: kept }) },
        );
        // The same page again, as a worker does that stopped before its checkpoint.
        const again = await store.scan(
          { index: 0, of },
          { pageSize: 4, ...(kept === undefined ? {} : { cursor: kept }) },
        );
        expect(again).toEqual(page);
        whole.push(...page.wraps.map(({ id }) => id));
        const written: { readonly cursor?: string } = JSON.parse(JSON.stringify({ cursor: page.cursor }));
        kept = written.cursor;
      } while (kept !== undefined);
      expect(whole.sort()).toEqual([...ids].sort());
    });

    it("segments are at least one and at most as many as wanted, and there is none beyond them", async () => {
      expect(store.segments(1)).toBe(1);
      const of = store.segments(8);
      expect(of).toBeGreaterThanOrEqual(1);
      expect(of).toBeLessThanOrEqual(8);
      for (const segment of [
        { index: of, of },
        { index: -1, of },
        { index: 0, of: 0 },
        { index: 0.5, of },
      ]) {
        await expect(store.scan(segment)).rejects.toMatchObject({ code: "STORE_VALUE_INVALID", retryable: false });
      }
    });

    it.each([0, -1, 1.5, 10_001, Number.NaN])(
      "a page size of %d is refused, so that no page is taken for the end",
      async (pageSize) => {
        const scan = store.scan({ index: 0, of: store.segments(1) }, { pageSize });
        await expect(scan).rejects.toMatchObject({ code: "STORE_VALUE_INVALID" });
      },
    );

    it("a wrap that is not there is undefined", async () => {
      const [id = ""] = await subject.put([ownedWrap()]);
      await subject.remove(id);
      expect(await store.read(id)).toBeUndefined();
    });

    it("what cannot be read is named with a reason, never thrown or repeated, and stops no other", async () => {
      const fresh = await setup();
      const sound = await fresh.put(ownedWraps(5));
      const broken = await fresh.putMalformed();
      const { wraps, malformed } = await scanAll(fresh.store, 2, { pageSize: 3 });
      expect(wraps.map(({ id }) => id).sort()).toEqual([...sound].sort());
      expect(malformed.map(({ id }) => id).sort()).toEqual([...broken].sort());
      expect(malformed.every(({ reason }) => reason.length > 10)).toBe(true);
      expect(JSON.stringify(malformed.map(({ reason }) => reason))).not.toContain("canary");
      for (const id of broken) {
        const failure = await fresh.store.read(id).catch((error: unknown) => error);
        expect(failure).toMatchObject({ code: "STORE_ITEM_MALFORMED", retryable: false });
        expect(String(failure)).not.toContain("canary");
      }
    });

    it("messages of the AWS Encryption SDK and blobs that KMS would not take are malformed, and say so", async () => {
      const fresh = await setup();
      await fresh.put([...sdkMessages, Buffer.alloc(6_145, 1)].map((blob) => ownedWrap({ blob })));
      const [longest = ""] = await fresh.put([ownedWrap({ blob: Buffer.alloc(6_144, 1) })]);
      const { wraps, malformed } = await scanAll(fresh.store, 1, {});
      expect(wraps.map(({ id }) => id)).toEqual([longest]);
      expect(malformed.filter(({ reason }) => reason.includes("AWS Encryption SDK"))).toHaveLength(sdkMessages.length);
      expect(malformed.filter(({ reason }) => reason.includes("6144 bytes"))).toHaveLength(1);
    });

    it("an aborted call throws the signal's reason", async () => {
      const reason = new Error("stopped");
      const signal = AbortSignal.abort(reason);
      await expect(store.scan({ index: 0, of: store.segments(1) }, { signal })).rejects.toBe(reason);
      await expect(store.read(ids[0] ?? "", { signal })).rejects.toBe(reason);
    });

    it("any wraps come back as their owner put them", async () => {
      const generated = fc.record({
        blob: fc.uint8Array({ minLength: 4, maxLength: 400 }).map((blob) => Buffer.concat([Buffer.from([0x0a]), blob])),
        keyArn: fc.string({ unit: "grapheme", minLength: 1, maxLength: 80 }),
        tenant: fc.string({ unit: "grapheme", minLength: 1, maxLength: 40 }),
      });
      await fc.assert(
        fc.asyncProperty(fc.array(generated, { minLength: 1, maxLength: 10 }), async (given) => {
          const wraps = given.map((one) => ownedWrap(one));
          const put = await subject.put(wraps);
          for (const [index, wrap] of wraps.entries()) {
            const found = await store.read(put[index] ?? "");
            expect(found?.blob).toEqual(wrap.blob);
            expect(found?.context).toEqual(subject.contextOf(wrap));
            if (store.labels.keyArn) expect(found?.keyArn).toBe(wrap.keyArn);
          }
          await Promise.all(put.map((id) => subject.remove(id)));
        }),
        { numRuns: 15 },
      );
    });
  });
}

/** All pages of all segments, each segment from its start to its end. */
export async function scanAll(
  store: WrapStore,
  wanted: number,
  options: WrapScanOptions,
): Promise<{ readonly wraps: readonly WrapRef[]; readonly malformed: readonly MalformedWrap[] }> {
  const wraps: WrapRef[] = [];
  const malformed: MalformedWrap[] = [];
  const of = store.segments(wanted);
  for (let index = 0; index < of; index += 1) {
    let cursor: string | undefined;
    do {
      const page = await store.scan({ index, of }, { ...options, ...(cursor === undefined ? {} : { cursor }) });
      expect(page.wraps.length).toBeLessThanOrEqual(options.pageSize ?? Number.POSITIVE_INFINITY);
      wraps.push(...page.wraps);
      malformed.push(...page.malformed);
      cursor = page.cursor;
    } while (cursor !== undefined);
  }
  return { wraps, malformed };
}

function withoutMaterial({ material: _, ...wrap }: OwnedWrap): OwnedWrap {
  return wrap;
}
