import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createEncryptDeks } from "./encrypt-deks.ts";
import { createKeyDirectory } from "./key-directory.ts";
import { type HomeRegion, profileWith, startHomeRegion } from "./testing/home-region.ts";

describe("an abandoned scope", () => {
  let home: HomeRegion;

  beforeAll(async () => {
    home = await startHomeRegion();
  });
  afterAll(() => home[Symbol.asyncDispose]());

  it("gives out none of its DEKs any more, wipes them once they are returned, and leaves other scopes theirs", async () => {
    const { kms, stores, logger, metrics } = home;
    const profile = profileWith(await home.createKey());
    const keys = createKeyDirectory({ profiles: { [profile.name]: profile }, kms: () => kms, logger });
    const places = { kms: () => kms, store: () => stores.deks, state: () => stores.state };
    const deks = createEncryptDeks({ keys, ...places, logger, metrics });
    const request = (tenant: string) => ({ profile, context: { tenant, customer: "17" }, bytes: 1 });
    const lease = await deks.acquire(request("acme"));
    using other = await deks.acquire(request("dunes"));

    deks.abandon({ profile, context: { tenant: "acme", customer: "18" } });
    expect(lease.dek.disposed).toBe(false);
    using next = await deks.acquire(request("acme"));
    expect(next.dek.id).not.toBe(lease.dek.id);
    lease[Symbol.dispose]();
    expect(lease.dek.disposed).toBe(true);
    using same = await deks.acquire(request("dunes"));
    expect(same.dek.id).toBe(other.dek.id);
    deks.close();
  });
});
