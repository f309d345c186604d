/** Profiles' homes. Created with epoch 1 by whoever asks first; never deleted. */

import { isDeepStrictEqual } from "node:util";
import { StoreError } from "../errors.ts";
import { integer, text } from "../items/write-values.ts";
import type { HomeStore, ProfileHome } from "./home-types.ts";
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

function homeItem({ profile, region, epoch, since }: ProfileHome): StateItem {
  return { ...stateKey(homeKind, profile), region: text(region), epoch: integer(epoch), since: text(since) };
}

function readHome(item: StateItem): ProfileHome {
  const reader = open(item);
  return {
    profile: reader.text("id"),
    region: reader.text("region"),
    epoch: reader.integer("epoch", 1),
    since: reader.text("since"),
  };
}

function requireHigher(epoch: number, read: number | undefined): void {
  if (Number.isSafeInteger(epoch) && epoch > (read ?? 0)) return;
  throw new StoreError(
    "STORE_VALUE_INVALID",
    "a home's epoch is a whole number, higher than that of the home before it",
  );
}
