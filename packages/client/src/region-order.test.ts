import type { Profile } from "@dekhand/runtime";
import { describe, expect, it } from "vitest";
import { createRegionOrder } from "./region-order.ts";

const replica = { key: "alias/k", retiring: [], strategy: "encrypt", recoveryPointMs: 900_000 } as const;

function profile(name: string, home: string, ...replicas: readonly string[]): Profile {
  return {
    ...{ name, home, key: "alias/k", retiring: [], required: [], dekScope: [] },
    reuse: { records: 1_000, bytes: 1_000_000, ageMs: 60_000 },
    replicas: Object.fromEntries(replicas.map((region) => [region, { ...replica, region }])),
  };
}

const profiles = {
  people: profile("people", "us-east-1", "eu-west-1", "ap-southeast-2"),
  orders: profile("orders", "eu-central-1", "us-east-1"),
};
const usual = ["us-east-1", "eu-central-1", "eu-west-1", "ap-southeast-2"];

describe("the order of a read", () => {
  it("is the homes, then the replica Regions, as they are configured", () => {
    expect(createRegionOrder({ profiles }).of("any")).toEqual(usual);
  });

  it("begins with the preferred Region, and is as it is where no profile has that one", () => {
    const preferring = (preferred: string) => createRegionOrder({ profiles, preferred }).of("any");
    expect(preferring("eu-west-1")).toEqual(["eu-west-1", "us-east-1", "eu-central-1", "ap-southeast-2"]);
    expect(preferring("us-west-2")).toEqual(usual);
  });

  it("is the list that was given, where one was, and nothing else", () => {
    const order = ["ap-southeast-2", "us-east-1", "ap-southeast-2"];
    expect(createRegionOrder({ profiles, order }).of("any")).toEqual(["ap-southeast-2", "us-east-1"]);
    expect(createRegionOrder({ profiles, order, preferred: "us-east-1" }).of("any")).toEqual([
      "us-east-1",
      "ap-southeast-2",
    ]);
  });

  it("is the homes alone, or the named Regions alone, where the read says so", () => {
    const order = createRegionOrder({ profiles, preferred: "eu-central-1" });
    expect(order.of("home")).toEqual(["eu-central-1", "us-east-1"]);
    expect(order.of(["ap-southeast-2"])).toEqual(["ap-southeast-2"]);
  });

  it("is refused where it names a Region that no profile has, or none at all", () => {
    const refused = expect.objectContaining({ code: "CLIENT_REGION_UNKNOWN" });
    expect(() => createRegionOrder({ profiles, order: ["us-west-2"] })).toThrow(refused);
    expect(() => createRegionOrder({ profiles, order: [] })).toThrow(refused);
    expect(() => createRegionOrder({ profiles }).of(["us-east-1", "us-west-2"])).toThrow(refused);
  });
});
