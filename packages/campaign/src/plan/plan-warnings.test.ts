import { describe, expect, it } from "vitest";
import { makePlan } from "./make-plan.ts";
import type { PlanInput, PlanOptions } from "./plan-types.ts";
import {
  allLabels,
  arnOf,
  group,
  inputOf,
  key,
  newKey,
  noLabels,
  oldKey,
  options,
  type SampleTarget,
} from "./testing/plan-samples.ts";

const groups = [group(oldKey, 1_000, "m1")];
const warningsOf = (input: PlanInput, changes: Partial<PlanOptions> = {}) => makePlan(input, options(changes)).warnings;
const withTarget = (changes: Partial<SampleTarget>, kind: PlanInput["kind"] = "key") =>
  warningsOf(inputOf(kind, [{ groups, ...changes }]));
const withNewKey = (changes: Parameters<typeof key>[1]) =>
  warningsOf(inputOf("key", [{ groups }], [key(oldKey), key(newKey, changes)]));

it("a plan that nothing speaks against has no warnings", () => {
  expect(withTarget({})).toEqual([]);
});

describe("a plan warns about a key", () => {
  it("that is not enabled, is to be deleted, or is not symmetric", () => {
    expect(withNewKey({ enabled: false, state: "Disabled" })).toEqual([
      { code: "KEY_NOT_ENABLED", message: `the target ${newKey} is Disabled: KMS does not use it` },
    ]);
    const deletionAt = "2026-12-10T00:00:00.000Z";
    expect(withNewKey({ enabled: false, state: "PendingDeletion", deletionAt })).toEqual([
      { code: "KEY_PENDING_DELETION", message: expect.stringContaining(`is to be deleted on ${deletionAt}`) },
    ]);
    expect(withNewKey({ usage: "SIGN_VERIFY", spec: "RSA_2048" })).toEqual([
      { code: "KEY_NOT_SYMMETRIC", message: expect.stringContaining("SIGN_VERIFY, RSA_2048") },
    ]);
  });

  it("whose imported material expires, and says when that is before the end", () => {
    const code = "KEY_MATERIAL_EXPIRES";
    const [soon, late] = ["2026-11-26T12:00:00.001Z", "2027-11-26T12:00:00.000Z"];
    expect(withNewKey({ origin: "EXTERNAL", validTo: late })).toEqual([
      { code, message: expect.stringContaining(`expires on ${late}: `) },
    ]);
    expect(withNewKey({ origin: "EXTERNAL", validTo: soon })).toEqual([
      { code, message: expect.stringContaining(`${soon}, before this campaign would end`) },
    ]);
    expect(withNewKey({ origin: "EXTERNAL" })).toEqual([]);
    // An older material of it: wraps may still be under that.
    expect(withNewKey({ validTo: late, rotations: [{ material: "m0", validTo: soon }] })).toEqual([
      { code, message: expect.stringContaining(soon) },
    ]);
  });

  it("in a custom key store, with the rate that this leaves", () => {
    const keys = [key(oldKey), key(newKey, { keyStore: "cks-1" })];
    const plan = makePlan(inputOf("key", [{ groups }], keys), options());
    // 1,800 calls/s, shared out as the account's quota is.
    expect(plan.warnings).toEqual([
      { code: "KEY_IN_CUSTOM_STORE", message: expect.stringContaining("at most 486 calls a second there") },
    ]);
    expect(plan.totals.seconds).toBe(plan.totals.kmsCalls.total / 486);
  });

  it("whose on-demand rotations are nearly used up, unless it is one to leave", () => {
    const rotated = (times: number) => Array.from({ length: times }, () => ({ kind: "ON_DEMAND" as const }));
    expect(withNewKey({ rotations: [...rotated(19), { kind: "AUTOMATIC" }] })).toEqual([]);
    expect(withNewKey({ rotations: rotated(24) })).toEqual([
      { code: "ROTATIONS_NEARLY_USED", message: expect.stringContaining("1 time more") },
    ]);
    expect(warningsOf(inputOf("key", [{ groups }], [key(oldKey, { rotations: rotated(25) }), key(newKey)]))).toEqual(
      [],
    );
  });
});

describe("a plan warns about wraps", () => {
  it("that it leaves alone, by key", () => {
    const others = [group(arnOf("a"), 3, "x"), group(arnOf("a"), 4, "y"), group(arnOf("b"), 9)];
    expect(withTarget({ groups: [...groups, ...others] })).toEqual([
      { code: "WRAPS_LEFT_ALONE", message: expect.stringContaining(`9 wraps under ${arnOf("b")}`) },
      { code: "WRAPS_LEFT_ALONE", message: expect.stringContaining(`7 wraps under ${arnOf("a")}`) },
    ]);
  });

  it("that do not say their material, in a rotation", () => {
    const target = { keyArn: oldKey, material: "m2" };
    expect(withTarget({ groups: [group(oldKey, 8)], target }, "rotation")).toEqual([
      { code: "WRAPS_WITHOUT_MATERIAL", message: expect.stringContaining("8 wraps of dekhand in us-east-1") },
    ]);
    expect(withTarget({ groups: [group(oldKey, 8)] })).toEqual([]);
  });

  it("that cannot be read", () => {
    expect(withTarget({ census: { malformed: 2 } })).toEqual([
      { code: "WRAPS_MALFORMED", message: expect.stringContaining("2 items of dekhand in us-east-1") },
    ]);
  });

  it("of a store that does not keep their key, as the kind of campaign has it", () => {
    const code = "STORE_WITHOUT_KEY_LABEL";
    const target = { store: "orders" };
    expect(withTarget({ target, store: { labels: noLabels } })).toEqual([
      { code, message: expect.stringMatching(/orders in us-east-1 .* dry run a wrap.* Its owner has to confirm/) },
    ]);
    expect(withTarget({ target, store: { labels: { ...noLabels, campaign: true } } })).toEqual([
      { code, message: expect.not.stringContaining("dry run") },
    ]);
    expect(withTarget({ target: { ...target, keyArn: oldKey }, store: { labels: noLabels } }, "rotation")).toEqual([
      { code, message: expect.stringContaining("each was swapped once") },
    ]);
    expect(withTarget({ target, store: { labels: allLabels } })).toEqual([]);
  });

  it("where none needs to be rewrapped", () => {
    expect(withTarget({ groups: [group(newKey, 5)] })).toEqual([
      { code: "NOTHING_TO_REWRAP", message: expect.any(String) },
    ]);
  });
});

describe("a plan warns about time", () => {
  it("where a Region allows less than another, and whether that one decides", () => {
    const there = (count: number) => {
      const sources = [arnOf("old", "eu-central-1")];
      const target = { region: "eu-central-1", sources, keyArn: arnOf("new", "eu-central-1") };
      return warningsOf(inputOf("key", [{ groups }, { groups: [group(sources[0], count)], target }]));
    };
    const quotas = "eu-central-1 allows 20,000 calls a second, where another Region allows 100,000";
    expect(there(1)).toEqual([{ code: "QUOTA_LOWER_IN_REGION", message: quotas }]);
    expect(there(1_000)).toEqual([
      { code: "QUOTA_LOWER_IN_REGION", message: `${quotas}; it decides how long the campaign takes` },
    ]);
  });

  it("where it takes more than a day", () => {
    const slow = { quota: { ...options().quota, regions: { "us-east-1": 1 } } };
    const calls = { groups: [group(oldKey, 1_000_000)] };
    expect(warningsOf(inputOf("key", [calls]), slow)).toEqual([
      { code: "LONGER_THAN_A_DAY", message: expect.stringContaining("takes about 1,039 hours") },
    ]);
  });
});
