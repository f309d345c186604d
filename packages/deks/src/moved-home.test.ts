import { profileAt } from "@dekhand/runtime";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createEncryptDeks, type EncryptDeks } from "./encrypt-deks.ts";
import { createKeyDirectory } from "./key-directory.ts";
import { away, home, profileIn, startTwoRegions, type TwoRegions } from "./testing/two-regions.ts";

/** DEKs for sealing before and after a failover. */

let regions: TwoRegions;
let atHome: string;
let there: string;
let deks: EncryptDeks;

const profile = () => profileIn(atHome, { key: there, strategy: "multi-region" });
const moved = () => profileAt(profile(), away) ?? expect.fail("it is one of the profile's Regions");

beforeAll(async () => {
  regions = await startTwoRegions();
  [atHome, there] = await Promise.all([regions.createKey(home), regions.createKey(away)]);
});
beforeEach(() => {
  const { kms, logger, metrics } = regions;
  deks = createEncryptDeks({
    keys: createKeyDirectory({ profiles: { people: profile() }, kms, logger }),
    kms,
    store: (region) => regions.stores(region).deks,
    state: (region) => regions.stores(region).state,
    logger,
    metrics,
  });
});
afterEach(() => {
  deks.close();
  regions.aws.control.clearFaults();
});
afterAll(() => regions[Symbol.asyncDispose]());

const acquire = (at: ReturnType<typeof profile>) => deks.acquire({ profile: at, context: { tenant: "a" }, bytes: 1 });

describe("a DEK for sealing", () => {
  it("is a new one after a failover, made and kept in the new home under its key", async () => {
    using before = await acquire(profile());
    using after = await acquire(moved());
    expect(after.dek.id).not.toBe(before.dek.id);
    expect(await regions.stores(away).deks.get(after.dek.id, away)).toMatchObject({
      dek: { home: away },
      wrap: { keyArn: there, region: away },
    });
    expect(await regions.stores(home).deks.get(after.dek.id, away)).toBeUndefined();
    using again = await acquire(moved());
    expect(again.dek.id).toBe(after.dek.id);
  });

  it("is made in the new home while the old one is cut off, also under a key that is related to none there", async () => {
    regions.aws.control.cutOff(home, true);
    using lease = await acquire(moved());
    expect(lease.dek.disposed).toBe(false);
  });
});
