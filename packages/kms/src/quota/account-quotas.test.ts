import { type QuotaConfig, toDeploymentConfig } from "@dekhand/runtime";
import { describe, expect, it } from "vitest";
import { configuredQuota, defaultQuota, shareOf } from "./account-quotas.ts";

const region = "eu-central-1";
const profiles = { pii: { home: region, key: "alias/pii" } };

function configured(quota: object): QuotaConfig {
  return toDeploymentConfig({ prefix: "dekhand", regions: [region], profiles, quota }, "test").quota;
}

describe("AWS's defaults", () => {
  it("differ by Region for cryptographic calls, and are the least where nothing is known", () => {
    const regions = ["us-east-1", "eu-west-1", "ap-northeast-1", "eu-north-1", "us-gov-west-1", "cn-north-1", "moon-1"];
    expect(regions.map((name) => defaultQuota(name, "crypto"))).toEqual([
      100_000, 100_000, 20_000, 10_000, 10_000, 10_000, 10_000,
    ]);
  });

  it("are the same everywhere for a custom key store and for each control-plane operation", () => {
    for (const name of ["us-east-1", "eu-north-1"]) {
      expect(defaultQuota(name, "key-store:cks-1234567890abcdef0")).toBe(1_800);
      expect(defaultQuota(name, "operation:DescribeKey")).toBe(2_000);
      expect(defaultQuota(name, "operation:ListKeyRotations")).toBe(100);
      expect(defaultQuota(name, "operation:RotateKeyOnDemand")).toBe(5);
    }
  });
});

describe("the account's quota", () => {
  it("of cryptographic calls is what the configuration names for the Region; of everything else AWS's default", () => {
    const named = configured({ regions: { [region]: 40_000 } });
    expect(configuredQuota(region, "crypto", named)).toBe(40_000);
    expect(configuredQuota(region, "key-store:cks-1", named)).toBe(1_800);
    expect(configuredQuota(region, "operation:ReplicateKey", named)).toBe(5);
  });
});

describe("Dekhand's share", () => {
  it("is its part of each quota", () => {
    const quarter = configured({ share: 0.25 });
    expect(shareOf("crypto", 10_000, quarter)).toBe(2_500);
    expect(shareOf("key-store:cks-1", 1_800, quarter)).toBe(450);
    expect(shareOf("operation:RotateKeyOnDemand", 5, quarter)).toBe(1.25);
    expect(shareOf("crypto", 10_000, configured({}))).toBe(5_000);
  });

  it("is as many cryptographic calls a second as configured, and half of the quotas that this says nothing about", () => {
    const fixed = configured({ callsPerSecond: 1_000 });
    expect(shareOf("crypto", 100_000, fixed)).toBe(1_000);
    expect(shareOf("key-store:cks-1", 1_800, fixed)).toBe(900);
    expect(shareOf("operation:DescribeKey", 2_000, fixed)).toBe(1_000);
  });

  it("is never more than the account's quota", () => {
    expect(shareOf("crypto", 10_000, configured({ callsPerSecond: 50_000 }))).toBe(10_000);
    expect(shareOf("crypto", 10_000, configured({ share: 1 }))).toBe(10_000);
  });
});
