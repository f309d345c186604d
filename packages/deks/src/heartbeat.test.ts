import { eventually } from "@dekhand/testing";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createHeartbeat, type Heartbeat } from "./heartbeat.ts";
import { createKeyDirectory } from "./key-directory.ts";
import { createProfileHomes, type ProfileHomes } from "./profile-homes.ts";
import { away, home, profileIn, startTwoRegions, type TwoRegions } from "./testing/two-regions.ts";

let regions: TwoRegions;
let atHome: string;
let there: string;
const stops: (() => unknown)[] = [];

beforeAll(async () => {
  regions = await startTwoRegions();
  [atHome, there] = await Promise.all([regions.createKey(home), regions.createKey(away)]);
});
afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
  regions.aws.control.clearFaults();
});
afterAll(() => regions[Symbol.asyncDispose]());

/** The control Region is the replica's, so that the home may be cut off. */
const state = () => regions.stores(away).state;

function open(names: readonly string[]): { readonly heartbeat: Heartbeat; readonly homes: ProfileHomes } {
  const { kms, logger } = regions;
  const profiles = Object.fromEntries(names.map((name) => [name, { ...profileIn(atHome, { key: there }), name }]));
  const keys = createKeyDirectory({ profiles, kms, logger });
  const homes = createProfileHomes({ profiles, state: state(), logger, refreshMs: 10 });
  const worker = { workerId: "w1", service: "test", version: "0", profiles: names, everyMs: 10 };
  const heartbeat = createHeartbeat({ ...worker, state: state(), keys, homes, logger });
  stops.push(
    () => homes.close(),
    () => heartbeat.stop({ ms: 5_000 }),
  );
  return { heartbeat, homes };
}

const reported = async () => (await state().listHeartbeats()).find(({ workerId }) => workerId === "w1")?.keys;

describe("a heartbeat", () => {
  it("tells of each profile the key that new DEKs are made under, and in which Region, also after a failover", async () => {
    const { heartbeat } = open(["stays", "moves"]);
    heartbeat.start();
    await eventually(async () =>
      expect(await reported()).toEqual({ stays: { [home]: atHome }, moves: { [home]: atHome } }),
    );
    const moved = { profile: "moves", region: away, epoch: 2, since: "2026-11-23T10:00:00.000Z" };
    expect(await state().putHome(moved, { epoch: 1 })).toBe("stored");
    await eventually(async () =>
      expect(await reported()).toEqual({ stays: { [home]: atHome }, moves: { [away]: there } }),
    );
  });

  it("is written while a Region is cut off, without the keys that cannot be looked up there", async () => {
    const moved = { profile: "far", region: away, epoch: 2, since: "2026-11-23T10:00:00.000Z" };
    await state().putHome(moved, { epoch: undefined });
    regions.aws.control.cutOff(home, true);
    const { heartbeat } = open(["near", "far"]);
    heartbeat.start();
    await eventually(async () => expect(await reported()).toEqual({ far: { [away]: there } }));
    // Known once the write has been answered, which may be after it is to be read.
    await eventually(() => heartbeat.ok);
  });
});
