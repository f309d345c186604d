import { describe, expect, it } from "vitest";
import { problemsOf } from "../testing/problems-of.ts";
import type { QuotaConfig } from "./deployment-config.ts";
import { toDeploymentConfig } from "./read-deployment-config.ts";

const profiles = { pii: { home: "us-east-1", key: "alias/pii" } };

function quotaOf(quota: object): QuotaConfig {
  return toDeploymentConfig({ prefix: "dekhand", regions: ["us-east-1"], profiles, quota }, "test").quota;
}

function problems(quota: object): readonly string[] {
  return problemsOf(() => quotaOf(quota));
}

describe("the quota", () => {
  it("is a part of the account's, or calls a second, and never both", () => {
    expect(quotaOf({ share: "0.25" }).share).toEqual({ part: 0.25 });
    expect(quotaOf({ share: 1 }).share).toEqual({ part: 1 });
    expect(quotaOf({ callsPerSecond: 1_000 }).share).toEqual({ callsPerSecond: 1_000 });
    expect(problems({ share: 0.5, callsPerSecond: 1_000 })).toEqual([
      "quota.callsPerSecond: nothing here when share is given, and the other way round",
    ]);
  });

  it("takes the ends of a range where they belong to it, and says which do", () => {
    expect(quotaOf({ reserve: 0, campaign: 1, floor: 0 })).toMatchObject({ reserve: 0, campaign: 1, floor: 0 });
    expect(quotaOf({ floor: 1 }).floor).toBe(1);
    expect(problems({ share: 0, reserve: 1, campaign: 0, floor: 1.1 })).toEqual([
      "quota.share: a number such as 0.5, above 0 and at most 1",
      "quota.reserve: a number such as 0.5, at least 0 and below 1",
      "quota.campaign: a number such as 0.5, above 0 and at most 1",
      "quota.floor: a number such as 0.5, at least 0 and at most 1",
    ]);
    for (const share of [-0.1, Number.NaN, Number.POSITIVE_INFINITY, "50%", ".5", "1e-1", "-0.5", true, [0.5]])
      expect(problems({ share }), String(share)).toHaveLength(1);
  });

  it("leaves campaigns three quarters of what is not reserved, in a number that people can read", () => {
    const campaigns = [0, 0.1, 0.2, 0.3, 0.7, 1 / 3].map((reserve) => quotaOf({ reserve }).campaign);
    expect(campaigns).toEqual([0.75, 0.675, 0.6, 0.525, 0.225, 0.5]);
  });

  it("never lets campaigns into the reserve", () => {
    const refused = ["quota.campaign: at most what reserve leaves of the share: 1 - reserve"];
    expect(problems({ campaign: 0.81 })).toEqual(refused);
    expect(problems({ reserve: "0.5", campaign: "0.6" })).toEqual(refused);
    // In binary, 1 - 0.9 is a little less than 0.1.
    expect(quotaOf({ reserve: 0.9, campaign: 0.1 }).campaign).toBe(0.1);
  });

  it("names the account's own quota for Regions of the deployment only", () => {
    const { regions, source } = quotaOf({ source: "service-quotas", regions: { "us-east-1": "20000" } });
    expect({ regions, source }).toEqual({ regions: { "us-east-1": 20_000 }, source: "service-quotas" });
    expect(regions.constructor).toBeUndefined();
    expect(problems({ regions: { "eu-west-1": 1, nowhere: 1, "us-east-1": 0 }, source: "aws" })).toEqual(
      expect.arrayContaining([
        "quota.regions.eu-west-1: one of the Regions listed in regions",
        expect.stringMatching(/^quota\.regions\.nowhere: as its name /),
        "quota.regions.us-east-1: a whole number from 1 to 10000000",
        "quota.source: one of defaults, service-quotas",
      ]),
    );
  });
});
