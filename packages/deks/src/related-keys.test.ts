import { describe, expect, it } from "vitest";
import { areRelatedKeys, relatedKeyArn } from "./related-keys.ts";

const mrk = "mrk-0123456789abcdef0123456789abcdef";
const single = "11111111-2222-3333-4444-555555555555";
const arn = (region: string, id = mrk, account = "111122223333") => `arn:aws:kms:${region}:${account}:key/${id}`;

describe("related keys", () => {
  it("differ in nothing but the Region", () => {
    expect(areRelatedKeys(arn("us-east-1"), arn("eu-west-1"))).toBe(true);
    expect(areRelatedKeys(arn("us-east-1"), arn("us-east-1"))).toBe(true);
    for (const other of [
      arn("eu-west-1", mrk, "444455556666"),
      arn("eu-west-1", mrk.replace("0", "f")),
      arn("eu-west-1").replace("aws", "aws-cn"),
      "alias/a",
      "",
    ])
      expect(areRelatedKeys(arn("us-east-1"), other), other).toBe(false);
  });

  it("are multi-Region keys: equal ids of keys of one Region mean nothing", () => {
    expect(areRelatedKeys(arn("us-east-1", single), arn("eu-west-1", single))).toBe(false);
    expect(relatedKeyArn(arn("us-east-1", single), "eu-west-1")).toBeUndefined();
  });

  it("are found by the name of the Region", () => {
    expect(relatedKeyArn(arn("us-east-1"), "eu-west-1")).toBe(arn("eu-west-1"));
  });
});
