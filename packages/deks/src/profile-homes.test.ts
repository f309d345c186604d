import { StoreError } from "@dekhand/store";
import { createManualClock, eventually } from "@dekhand/testing";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createProfileHomes, type ProfileHomes, type ProfileHomesDeps } from "./profile-homes.ts";
import { away, home, profileIn, startTwoRegions, type TwoRegions } from "./testing/two-regions.ts";

let regions: TwoRegions;
let names = 0;
let profile: ReturnType<typeof profileIn>;
let opened: ProfileHomes[] = [];

beforeAll(async () => {
  regions = await startTwoRegions();
});
beforeEach(() => {
  names += 1;
  profile = { ...profileIn("alias/home", { key: "alias/away", strategy: "encrypt" }), name: `people-${names}` };
});
afterEach(() => {
  for (const homes of opened) homes.close();
  opened = [];
  regions.aws.control.clearFaults();
});
afterAll(() => regions[Symbol.asyncDispose]());

const state = () => regions.stores(home).state;

function open(changes: Partial<ProfileHomesDeps> = {}) {
  const deps = { profiles: { [profile.name]: profile }, state: state(), logger: regions.logger, refreshMs: 20 };
  const homes = createProfileHomes({ ...deps, ...changes });
  opened.push(homes);
  return homes;
}

const failOver = (region: string, epoch: number) =>
  state().putHome(
    { profile: profile.name, region, epoch, since: "2026-11-23T10:00:00.000Z" },
    { epoch: epoch === 1 ? undefined : epoch - 1 },
  );

describe("a profile's home", () => {
  it("is the configured one with epoch 1 until a failover says otherwise, and is written down so", async () => {
    expect(await open().of(profile.name)).toMatchObject({ profile, epoch: 1 });
    expect(await state().getHome(profile.name)).toMatchObject({ region: home, epoch: 1 });
  });

  it("is another Region with that Region's keys within a reading of a failover, and who listens is told", async () => {
    const homes = open();
    const moves: unknown[] = [];
    homes.onMove(({ profile: { home: to }, epoch }) => moves.push([to, epoch]));
    await homes.of(profile.name);
    await failOver(away, 2);
    await eventually(async () => (await homes.of(profile.name)).epoch === 2);
    expect((await homes.of(profile.name)).profile).toMatchObject({ home: away, key: "alias/away" });
    expect((await homes.of(profile.name)).profile.replicas[home]).toMatchObject({ key: "alias/home" });
    expect(moves).toEqual([[away, 2]]);
  });

  it("is what was known while the state table is away, without waiting for it, and moves once it is back", async () => {
    const homes = open();
    await failOver(away, 1);
    await homes.of(profile.name);
    for (const mode of ["hang", "reset"] as const) {
      regions.aws.control.cutOff(home, true, { mode });
      for (let reading = 0; reading < 100; reading += 1) {
        expect(await homes.of(profile.name)).toMatchObject({ profile: { home: away }, epoch: 1 });
        await new Promise(setImmediate);
      }
    }
    regions.aws.control.clearFaults();
    await failOver(home, 2);
    await eventually(async () => (await homes.of(profile.name)).epoch === 2);
  });

  it("that was never known fails retryably while the state table is away", async () => {
    const homes = open({ refreshMs: 60_000 });
    regions.aws.control.cutOff(home, true);
    await expect(homes.of(profile.name)).rejects.toMatchObject({ code: "STORE_UNAVAILABLE", retryable: true });
    regions.aws.control.clearFaults();
    expect((await homes.of(profile.name)).epoch).toBe(1);
  });

  it("is read before it is told by a process that stood still", async () => {
    const clock = createManualClock();
    const homes = open({ refreshMs: 5_000, clock });
    await homes.of(profile.name);
    await failOver(away, 2);
    await clock.advance(15_001);
    expect((await homes.of(profile.name)).profile.home).toBe(away);
  });

  it("that the configuration does not know, or that somebody has damaged, costs no job: it is retryable", async () => {
    await failOver("sa-east-1", 1);
    await expect(open().of(profile.name)).rejects.toMatchObject({ code: "DEKS_REGION_UNKNOWN", retryable: true });
    const malformed = new StoreError("STORE_ITEM_MALFORMED", "bent");
    const homes = open({ state: { getOrCreateHome: () => Promise.reject(malformed) } });
    await expect(homes.of(profile.name)).rejects.toMatchObject({
      code: "DEKS_HOME_UNREADABLE",
      retryable: true,
      cause: malformed,
    });
  });

  it("is unknown for a profile that is not configured", async () => {
    await expect(open().of("constructor")).rejects.toMatchObject({ code: "DEKS_PROFILE_UNKNOWN" });
  });

  it("is read no more once closed", async () => {
    let readings = 0;
    const counted: ProfileHomesDeps["state"] = {
      getOrCreateHome(...args) {
        readings += 1;
        return state().getOrCreateHome(...args);
      },
    };
    const homes = open({ state: counted, refreshMs: 5 });
    await homes.of(profile.name);
    await eventually(() => readings > 2);
    homes.close();
    const last = readings;
    expect((await homes.of(profile.name)).epoch).toBe(1);
    expect(readings).toBe(last);
  });
});
