import { PassThrough } from "node:stream";
import {
  type CampaignPlan,
  DEFAULT_SETTINGS,
  makePlan,
  type PlanInput,
  type PlanOptions,
  PRICE_TABLE,
} from "@dekhand/campaign";
import { expect, it } from "vitest";
import { printPlan } from "./print-plan.ts";

const region = "us-east-1";
const arnOf = (id: string) => `arn:aws:kms:${region}:000000000000:key/${id}`;
const [oldKey, newKey] = [arnOf("old"), arnOf("new")];
const described = { region, enabled: true, state: "Enabled", usage: "ENCRYPT_DECRYPT", multiRegion: false };

const input: PlanInput = {
  kind: "key",
  targets: [{ store: "dekhand", region, sources: [oldKey], keyArn: newKey }],
  keys: [
    { ...described, arn: oldKey, use: "source", spec: "SYMMETRIC_DEFAULT" },
    { ...described, arn: newKey, use: "target", spec: "RSA\u001b[2J" },
  ],
  censuses: [
    {
      store: "dekhand",
      region,
      groups: [{ keyArn: oldKey, swapped: false, count: 5_000_000 }],
      unlisted: 0,
      malformed: 0,
    },
  ],
  stores: [
    {
      store: "dekhand",
      region,
      labels: { keyArn: true, material: true, campaign: true },
      hasCommitments: true,
      dynamodb: { readBytes: 1_024, writtenBytes: 512 },
    },
  ],
};
const options: PlanOptions = {
  settings: DEFAULT_SETTINGS,
  controls: {},
  quota: {
    share: { part: 0.5 },
    reserve: 0.2,
    campaign: 0.6,
    floor: 0.1,
    workers: 10,
    source: "defaults",
    regions: {},
  },
  now: new Date(0),
  prices: PRICE_TABLE,
};
const plan = makePlan(input, options);

function shown(plan: CampaignPlan): string {
  const stdout = new PassThrough({ encoding: "utf8" });
  const none = new PassThrough();
  const { signal } = new AbortController();
  printPlan({ env: {}, stdin: none, stdout, stderr: none, signal }, plan);
  return String(stdout.read());
}

it("a plan is shown with its counts, calls, time, costs, warnings and assumptions", () => {
  const text = shown(plan);
  expect(text).toContain("Campaign from key to key: 5,000,000 wraps to rewrap");
  expect(text).toMatch(/^ {2}dekhand {2}us-east-1 +5,000,000 +0 +5,000,000 +0 +0 +0 +0$/m);
  expect(text).toMatch(/^ {2}dekhand {2}us-east-1 +5,000,000 +50,010 +3 +0 +5,050,013$/m);
  expect(text).toContain("Time: 3 min 8 s"); // 5,050,013 at 27,000/s
  expect(text).toContain("Costs: $18.59"); // 15.15 + 3.13 + 0.31
  expect(text).toMatch(/^ {2}KMS +\$15\.15$/m);
  expect(text).toMatch(/^ {2}KEY_NOT_SYMMETRIC: /m);
  expect(text).toMatch(/^ {2}- Prices are AWS's list prices of /m);
});

it("a plan shows what others wrote without obeying it", () => {
  expect(shown(plan)).toContain("RSA\\u001b[2J");
});

it("a plan says of copies in a replica Region that they follow, and does not count them as to be rewrapped", () => {
  const frankfurt = "eu-central-1";
  const [store] = input.stores;
  const [old, next] = [oldKey, newKey].map((arn) => arn.replace(region, frankfurt));
  if (!store || old === undefined || next === undefined) throw new TypeError("the plan above has them");
  const place = { store: "dekhand", region: frankfurt };
  const follows = { homes: { people: region }, all: true };
  const text = shown(
    makePlan(
      {
        ...input,
        targets: [...input.targets, { ...place, sources: [old], keyArn: next, follows }],
        censuses: [
          ...input.censuses,
          { ...place, groups: [{ keyArn: old, swapped: false, count: 4_000 }], unlisted: 0, malformed: 0 },
        ],
        stores: [...input.stores, { ...store, ...place }],
      },
      options,
    ),
  );
  expect(text).toContain("5,000,000 wraps to rewrap, 4,000 copies that follow\n");
  expect(text).toMatch(/^ {2}dekhand {2}eu-central-1 +4,000 +0 +0 +4,000 +0 +0 +0$/m);
  expect(text).toMatch(/^ {2}dekhand {2}eu-central-1 +0 +100 +3 +0 +103$/m);
  expect(text).toMatch(/^ {2}dekhand in eu-central-1 follows us-east-1: .* without a call to KMS$/m);
});
