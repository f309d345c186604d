import { kmsContext } from "@dekhand/deks";
import { StoreError, type WrapRef, type WrapStore, type WrapSwap } from "@dekhand/store";
import { beforeEach, describe, expect, it } from "vitest";
import { readWraps } from "../testing/read-wraps.ts";
import { globalHomes } from "./global-homes.ts";
import { createGlobalWrapStore, type GlobalHomes } from "./global-wrap-store.ts";

const region = "ap-southeast-2";
const [east, west] = ["us-east-1", "us-west-2"];

const wrapOf = (id: string, profile: string, text = "old"): WrapRef => ({
  id,
  keyArn: "key",
  blob: Buffer.from(text),
  context: kmsContext(id, profile, {}),
});

/** What a Region's copy of the global table has; others see it later, or not at all in these tests. */
function tableOf(wraps: readonly WrapRef[], malformed: readonly string[] = []) {
  const items = new Map(wraps.map((wrap) => [wrap.id, wrap]));
  const swapped: string[] = [];
  const store: WrapStore = {
    name: "dekhand",
    region,
    labels: { keyArn: true, material: true, campaign: true },
    segments: (wanted) => wanted,
    async scan(_, { cursor } = {}) {
      const all = [...items.values()];
      const at = Number(cursor ?? 0);
      const broken = at === 0 ? malformed.map((id) => ({ id, reason: "broken" })) : [];
      return {
        wraps: all.slice(at, at + 1),
        malformed: broken,
        ...(at + 1 < all.length ? { cursor: String(at + 1) } : {}),
      };
    },
    read: async (id) => items.get(id),
    async swap(swaps) {
      return swaps.map(({ id, next }) => {
        const wrap = items.get(id);
        if (!wrap) return { kind: "gone" };
        swapped.push(id);
        items.set(id, { ...wrap, ...next });
        return { kind: "swapped" };
      });
    },
  };
  return { store, swapped };
}

const swapOf = (id: string): WrapSwap => ({
  id,
  oldBlob: Buffer.from("old"),
  next: { blob: Buffer.from("new"), keyArn: "next", campaign: "c1", wrappedAt: "2026-11-23T10:00:00.000Z" },
});

describe("wraps of one Region in global tables", () => {
  let tables: Readonly<Record<string, ReturnType<typeof tableOf>>>;
  let homes: GlobalHomes;
  let store: WrapStore;

  beforeEach(() => {
    const all = [wrapOf("a", "people"), wrapOf("b", "orders"), wrapOf("c", "people"), wrapOf("d", "nobody's")];
    // In the other Region, what is new of a home's wrap has not arrived yet.
    tables = {
      [east]: tableOf(all, ["x"]),
      [west]: tableOf([wrapOf("a", "people", "behind"), ...all.slice(1)], ["x"]),
    };
    homes = { regions: [east, west], of: (profile) => (profile === "orders" ? west : east) };
    const through = (table: string) => tables[table]?.store ?? tableOf([]).store;
    store = createGlobalWrapStore({ region, homes: async () => homes, through });
  });

  it("are each read once, as their profile's home has them", async () => {
    const wraps = await readWraps(store);
    expect(wraps.map(({ id }) => id).sort()).toEqual(["a", "b", "c", "d"]);
    expect(Buffer.from(wraps.find(({ id }) => id === "a")?.blob ?? []).toString()).toBe("old");
    expect(Buffer.from((await store.read("a"))?.blob ?? []).toString()).toBe("old");
    expect(await store.read("z")).toBeUndefined();
  });

  it("tell once of what cannot be read", async () => {
    const found: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await store.scan({ index: 0, of: 1 }, cursor === undefined ? {} : { cursor });
      found.push(...page.malformed.map(({ id }) => id));
      ({ cursor } = page);
    } while (cursor !== undefined);
    expect(found).toEqual(["x"]);
  });

  it("are each swapped in their home's table, and answered in order", async () => {
    const outcomes = await store.swap(["b", "z", "a", "c"].map(swapOf));
    expect(outcomes.map(({ kind }) => kind)).toEqual(["swapped", "gone", "swapped", "swapped"]);
    expect([tables[east]?.swapped, tables[west]?.swapped]).toEqual([["a", "c"], ["b"]]);
  });

  it("are scanned from the start where a Region is no home any more", async () => {
    const first = await store.scan({ index: 0, of: 1 }, { cursor: `${west}\n2` });
    expect(first.wraps).toEqual([]);
    homes = { regions: [east], of: () => east };
    const again = await store.scan({ index: 0, of: 1 }, { cursor: `${west}\n2` });
    expect(again.wraps.map(({ id }) => id)).toEqual(["a"]);
  });

  it("are not swapped while nobody can say where their homes are", async () => {
    const unreadable = async () => {
      throw new StoreError("STORE_UNAVAILABLE", "away", { retryable: true });
    };
    const through = (table: string) => tables[table]?.store ?? tableOf([]).store;
    const unsure = createGlobalWrapStore({ region, homes: unreadable, through });
    expect(await unsure.swap([swapOf("a")])).toMatchObject([{ kind: "failed", error: { code: "STORE_UNAVAILABLE" } }]);
    await expect(unsure.scan({ index: 0, of: 1 })).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
  });
});

it("homes are where they are said to be; as configured, where nobody can say", async () => {
  const profile = {
    ...{ name: "people", home: east, key: "alias/a", retiring: [], required: [], dekScope: [], replicas: {} },
    reuse: { records: 1, bytes: 1, ageMs: 1 },
  };
  const profiles = { people: profile, orders: { ...profile, name: "orders" } };
  const homes = await globalHomes(profiles, async (name) => (name === "orders" ? west : undefined))({});
  expect(homes.regions).toEqual([east, west]);
  expect(["people", "orders", "nobody's", undefined].map((name) => homes.of(name))).toEqual([east, west, east, east]);
});
