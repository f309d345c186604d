import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  apart,
  bridged,
  home,
  type RecoveryRegions,
  related,
  startRecoveryRegions,
} from "../testing/recovery-regions.ts";
import { planFailback } from "./plan-failback.ts";
import { planFailover, refusalsOf } from "./plan-failover.ts";
import { type Divided, divide } from "./testing/divided.ts";

let regions: RecoveryRegions;
beforeAll(async () => {
  regions = await startRecoveryRegions();
});
afterAll(() => regions?.[Symbol.asyncDispose]());
afterEach(() => regions.aws.control.clearFaults());

const quick = { deadlineMs: 2_000 };
const namesOf = (all: readonly { readonly profile: string }[]) => all.map(({ profile }) => profile);

/** A second profile, whose home is a third Region, with a replica in each of the others. */
function withGuests({ deps, deployment }: Divided) {
  const { profile } = deployment;
  const { [apart]: own, ...replicas } = profile.replicas;
  if (!own) throw new RangeError("a Region of the profile");
  const atHome = { ...own, region: home, key: profile.key };
  const guests = { ...profile, name: "guests", home: apart, key: own.key, replicas: { ...replicas, [home]: atHome } };
  return { ...deps, profiles: { ...deps.profiles, guests } };
}

describe("profiles that nobody has named", () => {
  it("fail over where their home does not answer, and are left out where it does", async () => {
    using divided = await divide(regions);
    const deps = withGuests(divided);
    regions.aws.control.cutOff(home, true);
    const plan = await planFailover({ to: related }, deps, quick);
    expect(namesOf(plan.moves)).toEqual(["people"]);
    expect(plan.leftOut).toEqual([{ profile: "guests", home: apart }]);
    expect(refusalsOf(plan, {})).toEqual([]);

    // Run again to tell who did not hear of it: the other home is no reason against it.
    await divided.failover(related);
    regions.aws.control.clearFaults();
    const again = await planFailover({ to: related }, deps, quick);
    expect([namesOf(again.moves), namesOf(again.there)]).toEqual([[], ["people"]]);
    expect(again.leftOut).toEqual([{ profile: "guests", home: apart }]);
  });

  it("do not fail over where all homes answer, and not all of them by force", async () => {
    using divided = await divide(regions);
    const deps = withGuests(divided);
    const plan = await planFailover({ to: related }, deps, quick);
    expect(refusalsOf(plan, {})).toEqual([expect.stringMatching(home), expect.stringMatching(apart)]);
    const force = { force: true, reason: "it is sick" };
    expect(refusalsOf(plan, force)).toEqual([expect.stringMatching("name the profiles")]);
    const named = await planFailover({ to: related, profiles: ["people"] }, deps, quick);
    expect(refusalsOf(named, force)).toEqual([]);
    expect(refusalsOf(named, {})).toEqual([expect.stringMatching(home)]);
  });

  it("fail back to their configured home alone", async () => {
    using divided = await divide(regions);
    const deps = withGuests(divided);
    regions.aws.control.cutOff(home, true);
    await divided.failover(related);
    regions.aws.control.clearFaults();
    const plan = await planFailback({ to: home }, deps, quick);
    expect(plan.groups.map(({ from, profiles }) => [from, namesOf(profiles)])).toEqual([[related, ["people"]]]);
    expect(plan.leftOut).toEqual([{ profile: "guests", home: apart }]);
    const named = await planFailback({ to: home, profiles: ["guests"] }, deps, quick);
    expect(named.groups.map(({ from, profiles }) => [from, namesOf(profiles)])).toEqual([[apart, ["guests"]]]);
    await expect(planFailback({ to: bridged }, deps, quick)).rejects.toMatchObject({
      code: "RECOVERY_REFUSED",
      message: expect.stringMatching("name those"),
    });
  });
});
