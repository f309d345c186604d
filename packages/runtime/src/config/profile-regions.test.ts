import { describe, expect, it } from "vitest";
import type { Profile, Replica } from "./deployment-config.ts";
import { profileAt, regionsOf } from "./profile-regions.ts";

const replica = (region: string, changes: Partial<Replica>): Replica => ({
  region,
  key: `alias/${region}`,
  retiring: [],
  strategy: "encrypt",
  recoveryPointMs: 60_000,
  ...changes,
});

const related = replica("eu-west-1", { strategy: "multi-region", retiring: ["alias/old-eu"] });
const relatedToo = replica("eu-north-1", { strategy: "multi-region" });
const independent = replica("ap-south-1", { recoveryPointMs: 1_000 });
const bridged = replica("sa-east-1", { strategy: "bridge", bridge: "alias/bridge" });

function profileWith(...replicas: Replica[]): Profile {
  return {
    name: "pii",
    home: "us-east-1",
    key: "alias/pii",
    retiring: ["alias/old"],
    required: ["tenant"],
    dekScope: ["tenant"],
    reuse: { records: 1, bytes: 1, ageMs: 1 },
    replicas: Object.fromEntries(replicas.map((each) => [each.region, each])),
  };
}

describe("a profile at one of its Regions", () => {
  it("is itself at home, and is not at a Region that it does not have", () => {
    const profile = profileWith(related);
    expect(profileAt(profile, "us-east-1")).toBe(profile);
    for (const stranger of ["ap-south-1", "constructor", ""]) expect(profileAt(profile, stranger)).toBeUndefined();
  });

  it("has that Region's keys, and the old home as a replica that is reached in the same way", () => {
    const profile = profileWith(related, independent);
    const moved = profileAt(profile, "ap-south-1");
    expect(moved).toMatchObject({ home: "ap-south-1", key: "alias/ap-south-1", retiring: [], dekScope: ["tenant"] });
    expect(moved?.replicas["us-east-1"]).toEqual({
      region: "us-east-1",
      key: "alias/pii",
      retiring: ["alias/old"],
      strategy: "encrypt",
      recoveryPointMs: 1_000,
    });
    expect(moved && regionsOf(moved).toSorted()).toEqual(regionsOf(profile).toSorted());
  });

  it("keeps its other replicas as they are where the key that took over is related to the old home's", () => {
    const moved = profileAt(profileWith(related, relatedToo, independent, bridged), "eu-west-1");
    expect(moved?.retiring).toEqual(["alias/old-eu"]);
    expect(moved?.replicas["us-east-1"]?.strategy).toBe("multi-region");
    expect(moved?.replicas["eu-north-1"]).toEqual(relatedToo);
    expect(moved?.replicas["ap-south-1"]).toEqual(independent);
    expect(moved?.replicas["sa-east-1"]).toEqual(bridged);
  });

  it("reaches replicas with keys of the old home's kin as it reaches the old home", () => {
    const moved = profileAt(profileWith(related, independent, bridged), "sa-east-1");
    expect(moved?.replicas["us-east-1"]).toMatchObject({ strategy: "bridge", bridge: "alias/bridge" });
    expect(moved?.replicas["eu-west-1"]).toEqual({ ...related, strategy: "bridge", bridge: "alias/bridge" });
    expect(moved?.replicas["ap-south-1"]).toEqual(independent);
  });
});
