/** Profiles' homes. Created with epoch 1 by whoever asks first; never deleted. */

import { isDeepStrictEqual } from "node:util";
import { StoreError } from "../errors.ts";
import { integer, text, textMap } from "../items/write-values.ts";
import type { HomeEpoch, HomeStore, ProfileHome } from "./home-types.ts";
import { open, type StateItem, stateKey } from "./state-items.ts";
import type { StateTable } from "./state-table.ts";

const homeKind = "home";

export function createHomes(table: StateTable, now: () => Date): HomeStore {
  const store: HomeStore = {
    async getHome(profile, options = {}) {
      const item = await table.get(homeKind, profile, options);
      return item && readHome(item);
    },
    async getOrCreateHome(profile, region, options = {}) {
      const stored = await store.getHome(profile, options);
      if (stored) return stored;
      const home = { profile, region, epoch: 1, since: now().toISOString() };
      if (await table.insert(homeItem(home), options)) return home;
      // Somebody else was first; homes are never deleted.
      return (await store.getHome(profile, options)) ?? home;
    },
    async putHome(home, read, options = {}) {
      requireHigher(home.epoch, read.epoch);
      if (await table.replaceWhere(homeItem(home), { attribute: "epoch", value: read.epoch }, options)) return "stored";
      // A write whose answer was lost is sent again by the SDK and then meets itself.
      return isDeepStrictEqual(await store.getHome(home.profile, options), home) ? "stored" : "conflict";
    },
    async listHomes(options = {}) {
      return (await table.all(homeKind, options)).map(readHome);
    },
  };
  return store;
}

/** The oldest first. */
export function byEpoch(one: HomeEpoch, other: HomeEpoch): number {
  return one.epoch - other.epoch || order(one.since, other.since) || order(one.region, other.region);
}

function order(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

/** All homes that are known of, the oldest first; this one is the last. */
export function homeEpochs({ region, epoch, since, earlier = [] }: ProfileHome): readonly HomeEpoch[] {
  return [...earlier, { epoch, region, since }];
}

function homeItem({ profile, region, epoch, since, earlier }: ProfileHome): StateItem {
  return {
    ...stateKey(homeKind, profile),
    region: text(region),
    epoch: integer(epoch),
    since: text(since),
    ...(earlier === undefined ? {} : { earlier: earlierMap(earlier) }),
  };
}

/** By epoch and Region, as in `2 eu-west-1`. */
function earlierMap(earlier: readonly HomeEpoch[]) {
  return textMap(Object.fromEntries(earlier.map(({ epoch, region, since }) => [`${epoch} ${region}`, since])));
}

function readHome(item: StateItem): ProfileHome {
  const reader = open(item);
  const earlier = item.earlier === undefined ? [] : readEarlier(reader);
  return {
    profile: reader.text("id"),
    region: reader.text("region"),
    epoch: reader.integer("epoch", 1),
    since: reader.text("since"),
    ...(earlier.length === 0 ? {} : { earlier }),
  };
}

function readEarlier(reader: ReturnType<typeof open>): readonly HomeEpoch[] {
  const read = Object.entries(reader.textMap("earlier")).map(([key, since]): HomeEpoch => {
    const [digits = "", region = "", ...more] = key.split(" ");
    const epoch = Number(digits);
    if (!/^[1-9]\d*$/.test(digits) || !Number.isSafeInteger(epoch) || region === "" || more.length > 0) {
      throw reader.malformed("earlier");
    }
    return { epoch, region, since };
  });
  return read.toSorted(byEpoch);
}

function requireHigher(epoch: number, read: number | undefined): void {
  if (Number.isSafeInteger(epoch) && epoch > (read ?? 0)) return;
  throw new StoreError(
    "STORE_VALUE_INVALID",
    "a home's epoch is a whole number, higher than that of the home before it",
  );
}
