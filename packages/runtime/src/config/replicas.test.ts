import { describe, expect, it } from "vitest";
import { problemsOf } from "../testing/problems-of.ts";
import { replicateQueue, sqsQueues } from "./queue-names.ts";
import { toDeploymentConfig } from "./read-deployment-config.ts";

const mrk = "mrk-0123456789abcdef0123456789abcdef";
const otherMrk = "mrk-fedcba9876543210fedcba9876543210";
const single = "11111111-2222-3333-4444-555555555555";
const arn = (region: string, id: string) => `arn:aws:kms:${region}:111122223333:key/${id}`;

/** A deployment of three Regions whose profile has these replicas. */
const withReplicas = (replicas: object, changes: { readonly key?: string; readonly queues?: object } = {}) => ({
  prefix: "dekhand",
  regions: ["us-east-1", "eu-west-1", "ap-southeast-2"],
  control: "us-east-1",
  ...(changes.queues === undefined ? {} : { queues: changes.queues }),
  profiles: { pii: { home: "us-east-1", key: changes.key ?? "alias/pii", replicas } },
});
const problems = (...args: Parameters<typeof withReplicas>) =>
  problemsOf(() => toDeploymentConfig(withReplicas(...args), "test"));

describe("replica Regions", () => {
  it("hold what was written, and defaults for the rest", () => {
    const { profiles } = toDeploymentConfig(
      withReplicas({
        "eu-west-1": { key: "alias/pii", strategy: "multi-region" },
        "ap-southeast-2": {
          key: single,
          retiring: ["alias/old"],
          strategy: "bridge",
          bridge: mrk,
          recoveryPoint: "2h",
        },
      }),
      "test",
    );
    expect(profiles.pii?.replicas).toEqual({
      "eu-west-1": {
        region: "eu-west-1",
        key: "alias/pii",
        retiring: [],
        strategy: "multi-region",
        recoveryPointMs: 900_000,
      },
      "ap-southeast-2": {
        region: "ap-southeast-2",
        key: single,
        retiring: ["alias/old"],
        strategy: "bridge",
        bridge: mrk,
        recoveryPointMs: 7_200_000,
      },
    });
    expect(profiles.pii?.replicas.constructor).toBeUndefined();
    expect(Object.isFrozen(profiles.pii?.replicas)).toBe(true);
  });

  it("are other Regions of the deployment than the home", () => {
    const replica = { key: "alias/pii", strategy: "encrypt" };
    expect(problems({ "us-east-1": replica, "sa-east-1": replica })).toEqual([
      "profiles.pii.replicas.us-east-1: another Region than the profile's home",
      "profiles.pii.replicas.sa-east-1: one of the Regions listed in regions",
    ]);
  });

  it("say how they come by their wraps: there is no default", () => {
    expect(problems({ "eu-west-1": { key: "alias/pii" } })).toEqual([
      "profiles.pii.replicas.eu-west-1.strategy: missing, one of multi-region, encrypt, bridge",
    ]);
  });

  it("have keys of their own Region, each once", () => {
    const home = arn("us-east-1", single);
    const replica = { key: home, strategy: "encrypt", retiring: ["alias/a", "alias/a", home] };
    expect(problems({ "eu-west-1": replica })).toEqual([
      "profiles.pii.replicas.eu-west-1.key: a key of the Region eu-west-1",
      "profiles.pii.replicas.eu-west-1.retiring[1]: every entry once only",
      "profiles.pii.replicas.eu-west-1.retiring[2]: a key of the Region eu-west-1",
      "profiles.pii.replicas.eu-west-1.retiring[2]: another key than the Region's current one",
    ]);
  });

  const related = (home: string, replica: string) =>
    [{ "eu-west-1": { key: replica, strategy: "multi-region" } }, { key: home }] as const;

  it.each([
    ["that are looked up later", "alias/a", "alias/b"],
    ["that are related", arn("us-east-1", mrk), arn("eu-west-1", mrk)],
    ["of one id", mrk, arn("eu-west-1", mrk)],
    ["of which one is looked up later", "alias/a", mrk],
  ])("may be multi-region with keys %s", (_, home, replica) => {
    const { profiles } = toDeploymentConfig(withReplicas(...related(home, replica)), "test");
    expect(profiles.pii?.replicas["eu-west-1"]?.key).toBe(replica);
  });

  it.each([
    ["the replica's is of one Region only", "alias/a", single],
    ["the home's is of one Region only", single, "alias/a"],
    ["they are not related", mrk, otherMrk],
  ])("are not multi-region with keys of which it is plain that %s", (_, home, replica) => {
    expect(problems(...related(home, replica))).toEqual([
      "profiles.pii.replicas.eu-west-1.key: a multi-Region key that is related to the profile's key, because strategy is multi-region",
    ]);
  });

  it("name a bridge with that strategy, and with no other", () => {
    const bridged = { key: "alias/pii", strategy: "bridge" };
    expect(
      problems({ "eu-west-1": bridged, "ap-southeast-2": { ...bridged, strategy: "encrypt", bridge: mrk } }),
    ).toEqual([
      "profiles.pii.replicas.eu-west-1.bridge: a multi-Region key that is in both Regions, because strategy is bridge",
      "profiles.pii.replicas.ap-southeast-2.bridge: nothing here unless strategy is bridge",
    ]);
    for (const bridge of [single, arn("us-east-1", mrk), "bridge"]) {
      expect(problems({ "eu-west-1": { ...bridged, bridge } }), bridge).toEqual([
        "profiles.pii.replicas.eu-west-1.bridge: a multi-Region key: alias/<name> or a key id mrk-…, which name it in each of its Regions",
      ]);
    }
  });

  it("are reported with everything that is wrong with them, at once", () => {
    const found = problems({
      "us-east-1": { key: "alias/pii", strategy: "bridge" },
      nowhere: {},
      "eu-west-1": { key: single, strategy: "multi-region", bridge: "alias/b", recoveryPoint: 5, lag: 1 },
    });
    expect(found.map((line) => line.slice(0, line.indexOf(":"))).sort()).toEqual(
      [
        "profiles.pii.replicas.us-east-1",
        "profiles.pii.replicas.us-east-1.bridge",
        "profiles.pii.replicas.nowhere",
        "profiles.pii.replicas.eu-west-1.key",
        "profiles.pii.replicas.eu-west-1.bridge",
        "profiles.pii.replicas.eu-west-1.recoveryPoint",
        "profiles.pii.replicas.eu-west-1.lag",
      ].sort(),
    );
  });
});

describe("the queues of copies", () => {
  it("are one a Region, and none of SQS", () => {
    const config = toDeploymentConfig(
      withReplicas({}, { queues: { replicate: "copies", events: "rotations" } }),
      "test",
    );
    expect(replicateQueue(config, "eu-west-1")).toBe("copies-eu-west-1");
    expect(sqsQueues(config.queues)).toEqual(["dekhand-encrypt", "dekhand-rewrap", "rotations"]);
  });

  it("are no other job's queue", () => {
    expect(problems({}, { queues: { replicate: "jobs", rewrap: "jobs-eu-west-1" } })).toEqual([
      "queues.replicate: a name that with no Region behind it is that of queues.rewrap",
    ]);
  });
});
