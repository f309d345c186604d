import { describe, expect, it } from "vitest";
import { DEFAULT_SETTINGS } from "../settings.ts";
import { makePlan } from "./make-plan.ts";
import {
  arnOf,
  group,
  inputOf,
  key,
  newKey,
  noLabels,
  oldKey,
  options,
  quota,
  region,
} from "./testing/plan-samples.ts";

const stranger = arnOf("stranger");
const labelled = inputOf("key", [
  { groups: [group(oldKey, 100_000, "m1"), group(newKey, 5, "m2"), group(stranger, 7)] },
]);

describe("a plan from key to key", () => {
  const plan = makePlan(labelled, options({ controls: { share: 0.3 }, cloudTrailCopies: 3 }));

  it("counts each wrap by what its label says", () => {
    expect(plan.targets).toMatchObject([
      { wraps: 100_012, current: 5, stale: 100_000, unknown: 0, other: 7, withoutMaterial: 0, malformed: 0 },
    ]);
    expect(plan.totals).toMatchObject({ wraps: 100_012, toRewrap: 100_000 });
    expect(plan.leftAlone).toEqual([{ keyArn: stranger, wraps: 7 }]);
  });

  it("counts a call a wrap, the probes of canary and sample, and preflight", () => {
    // 10 of the canary and a hundredth of 100,005; two keys described, one way tried.
    const kmsCalls = { rewrap: 100_000, probes: 10 + 1_001, preflight: 3, dryRunCensus: 0, total: 101_014 };
    expect(plan.targets[0]?.kmsCalls).toEqual(kmsCalls);
    expect(plan.totals.kmsCalls).toEqual(kmsCalls);
  });

  it("prices KMS, DynamoDB and the further copies of CloudTrail", () => {
    expect(plan.totals.dollars).toEqual({
      kms: 0.303042, // 101,014 at $0.03 for 10,000
      dynamodbWrites: 0.0625, // 100,000 at $0.625 a million
      dynamodbScans: 0.006251, // 100,012 KB: 25,003 units, read 0.5 + 0.5 + 1 times, at $0.125 a million
      cloudTrail: 4.04056, // 101,014 in two copies at $2 for 100,000
      total: 4.412353,
    });
  });

  it("takes as long as its part of the share needs for the calls", () => {
    // 100,000 calls/s: half is Dekhand's, nine tenths of that are shared, three tenths of those are the campaign's.
    expect(plan.regions).toMatchObject([{ region, accountQuota: 100_000, callsPerSecond: 13_500, kmsCalls: 101_014 }]);
    expect(plan.totals.seconds).toBeCloseTo(101_014 / 13_500, 9);
    expect(plan.targets[0]?.seconds).toBe(plan.totals.seconds);
  });

  it("subtracts what is left of the free requests, and never below nothing", () => {
    const kms = (kmsFreeCallsLeft: number) => makePlan(labelled, options({ kmsFreeCallsLeft })).totals.dollars.kms;
    expect(kms(20_000)).toBe(0.243042);
    expect(kms(200_000)).toBe(0);
  });

  it("never takes more of the share than is configured for campaigns", () => {
    expect(makePlan(labelled, options({ controls: { share: 1 } })).regions[0]?.callsPerSecond).toBe(27_000);
    expect(makePlan(labelled, options()).regions[0]?.callsPerSecond).toBe(27_000);
  });

  it("goes by the account's quota where that is configured, and by what AWS was asked before that", () => {
    const configured = { ...quota, regions: { [region]: 1_000 } };
    expect(makePlan(labelled, options({ quota: configured })).regions[0]?.accountQuota).toBe(1_000);
    const asked = options({ quota: configured, accountQuotas: { [region]: 2_000 } });
    expect(makePlan(labelled, asked).regions[0]).toMatchObject({ accountQuota: 2_000, callsPerSecond: 540 });
  });
});

describe("a plan of several Regions", () => {
  const frankfurt = "eu-central-1";
  const there = { region: frankfurt, sources: [arnOf("old", frankfurt)], keyArn: arnOf("new", frankfurt) };
  const plan = makePlan(
    inputOf("key", [
      { groups: [group(oldKey, 270_000)] },
      { groups: [group(arnOf("old", frankfurt), 54_000)], target: there },
      { groups: [group(arnOf("old", frankfurt), 54_000)], target: { ...there, store: "orders" } },
    ]),
    options({ settings: { ...DEFAULT_SETTINGS, canary: 0, sample: 0.01 } }),
  );

  it("lasts as long as the slowest, whose targets share its quota", () => {
    // 270,000 + 2,700 + 3 at 27,000/s; twice 54,000 + 540 + 3 at 5,400/s.
    expect(plan.regions.map(({ seconds }) => seconds)).toEqual([272_703 / 27_000, 109_086 / 5_400]);
    expect(plan.totals.seconds).toBe(109_086 / 5_400);
    expect(plan.totals.kmsCalls.total).toBe(272_703 + 109_086);
  });

  it("pays each Region's own prices of DynamoDB", () => {
    expect(plan.totals.dollars.dynamodbWrites).toBe(0.2511); // 270,000 at $0.625, 108,000 at $0.7625 a million
  });

  it("says where it has no prices, and takes the dearest it knows", () => {
    const elsewhere = inputOf("key", [{ groups: [group(oldKey, 1_000_000)], target: { region: "sa-east-1" } }]);
    const { totals, assumptions } = makePlan(elsewhere, options());
    expect(totals.dollars.dynamodbWrites).toBe(0.7625);
    expect(assumptions).toContainEqual(expect.stringContaining("prices in sa-east-1 are not in the table"));
  });
});

describe("a plan of a rotation", () => {
  const target = { sources: [oldKey], keyArn: oldKey, material: "m2", rotatedAt: "2026-11-01T00:00:00.000Z" };
  const keys = [key(oldKey, { use: "source and target" })];

  it("rewraps what says another material, and what says none", () => {
    const groups = [group(oldKey, 4, "m1"), group(oldKey, 3, "m2"), group(oldKey, 2)];
    const plan = makePlan(inputOf("rotation", [{ groups, target }], keys), options());
    expect(plan.targets).toMatchObject([{ wraps: 9, current: 3, stale: 6, withoutMaterial: 2 }]);
    expect(plan.totals.kmsCalls).toMatchObject({ rewrap: 6, preflight: 2 });
  });

  it("of a store without labels passes once over all wraps, and probes no more than the canary", () => {
    const store = { labels: noLabels };
    const plan = makePlan(inputOf("rotation", [{ groups: [group(oldKey, 900)], target, store }], keys), options());
    expect(plan.targets).toMatchObject([{ current: 0, stale: 0, unknown: 900 }]);
    expect(plan.totals.kmsCalls).toEqual({ rewrap: 900, probes: 10, preflight: 2, dryRunCensus: 0, total: 912 });
  });
});

describe("a plan of a store of others", () => {
  const target = { store: "orders", sources: [oldKey, arnOf("older")] };

  it("without labels tries each wrap under every source, and counts by a dry run a wrap", () => {
    const input = inputOf("key", [{ groups: [group(undefined, 1_000)], target, store: { labels: noLabels } }]);
    const { kmsCalls } = makePlan(input, options()).totals;
    expect(kmsCalls).toEqual({ rewrap: 2_000, probes: 10, preflight: 5, dryRunCensus: 1_000, total: 3_015 });
  });

  it("unwraps the canary before and after, where the store cannot tell a right DEK", () => {
    const settings = { ...DEFAULT_SETTINGS, probeBy: "decrypt", sample: 1 } as const;
    const probes = (hasCommitments: boolean) => {
      const input = inputOf("key", [{ groups: [group(oldKey, 1_000)], target, store: { hasCommitments } }]);
      return makePlan(input, options({ settings })).totals.kmsCalls.probes;
    };
    expect([probes(true), probes(false)]).toEqual([1_010, 1_020]);
  });

  it("outside of DynamoDB has no price for its reads and writes, and says so", () => {
    const input = inputOf("key", [{ groups: [group(oldKey, 1_000)], target }]);
    const stores = input.stores.map(({ dynamodb: _, ...store }) => store);
    const plan = makePlan({ ...input, stores }, options());
    expect(plan.totals.dollars).toMatchObject({ dynamodbWrites: 0, dynamodbScans: 0 });
    expect(plan.assumptions).toContain("Reads and writes of orders are not priced.");
  });
});

it("says which stores it did not look at", () => {
  expect(makePlan({ ...labelled, leftOut: ["orders"] }, options()).assumptions).toContainEqual(
    expect.stringMatching(/^Not looked at, .*: orders\.$/),
  );
});

it("is refused without a census of each target", () => {
  expect(() => makePlan({ ...labelled, censuses: [] }, options())).toThrow(
    expect.objectContaining({ code: "CAMPAIGN_PLAN_INVALID" }),
  );
});

describe("a plan with copies in a replica Region", () => {
  const frankfurt = "eu-central-1";
  const there = { region: frankfurt, sources: [arnOf("old", frankfurt)], keyArn: arnOf("new", frankfurt) };
  const copies = [group(arnOf("old", frankfurt), 1_000), group(arnOf("new", frankfurt), 10)];
  const planWith = (all: boolean) => {
    const follows = { homes: { people: region }, all };
    const target = { ...there, follows };
    return makePlan(inputOf("key", [{ groups: [group(oldKey, 1_000)] }, { groups: copies, target }]), options());
  };

  it("says that they follow, asks KMS for their probes alone, and prices what is written", () => {
    const plan = planWith(true);
    expect(plan.totals).toMatchObject({ wraps: 2_010, toRewrap: 1_000, toCopy: 1_000 });
    expect(plan.targets[1]).toMatchObject({
      follows: { regions: [region], all: true },
      ...{ wraps: 1_010, current: 10, stale: 0, unknown: 0, following: 1_000 },
      // Both keys are described, and one dry run shows that the sample can be probed.
      kmsCalls: { rewrap: 0, probes: 100, preflight: 3, dryRunCensus: 0 },
    });
    expect(plan.totals.dollars.dynamodbWrites).toBe(0.001388); // 1,000 at $0.625 and 1,000 at $0.7625 a million
  });

  it("says where they cannot be told from wraps of the Region's own", () => {
    const plan = planWith(false);
    expect(plan.totals).toMatchObject({ toRewrap: 2_000, toCopy: 0 });
    expect(plan.targets[1]).toMatchObject({ follows: { all: false }, stale: 1_000, following: 0 });
    expect(plan.assumptions).toContainEqual(expect.stringContaining(`In ${frankfurt}, copies of wraps of ${region}`));
  });

  it("warns that there is nothing to do only where there are no copies to bring along either", () => {
    const follows = { homes: { people: region }, all: true };
    const input = inputOf("key", [{ groups: [group(newKey, 5)] }, { groups: copies, target: { ...there, follows } }]);
    expect(makePlan(input, options()).warnings.map(({ code }) => code)).not.toContain("NOTHING_TO_REWRAP");
  });
});
