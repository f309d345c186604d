import type { CampaignStore } from "@dekhand/store";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CampaignRegion, startCampaignRegion } from "../../testing/campaign-region.ts";
import { collectEvidence } from "../collect-evidence.ts";
import { type RecordedCampaign, recordCampaign, wraps } from "../testing/record-campaign.ts";
import { finishedCampaign, keyTarget, newKey, oldKey, rotationTarget } from "../testing/sample-campaigns.ts";

const at = "2026-11-05T12:00:00.000Z";

describe("the statement", () => {
  let home: CampaignRegion;
  let campaigns: CampaignStore;
  beforeAll(async () => {
    home = await startCampaignRegion();
    ({ campaigns } = await home.deployment());
  });
  afterAll(() => home[Symbol.asyncDispose]());

  const state = async (recorded: RecordedCampaign): Promise<readonly string[]> => {
    const id = await recordCampaign(campaigns, recorded);
    const software = { name: "dekhand", version: "1" };
    return (await collectEvidence(campaigns, id, { software, at })).statement;
  };

  const verified = (counts: Readonly<Record<string, number>>, done = true): RecordedCampaign["segments"] => [
    { phase: "verify", counts, done },
  ];

  it("of a key campaign that is complete says what is left under the old key, and how that was found", async () => {
    expect(await state(finishedCampaign)).toEqual([
      "The campaign is complete, since 2026-11-02T08:05:00.000Z.",
      "Before the campaign 52,003 wraps were counted in store dekhand in us-east-1.",
      `0 of 52,310 wraps in store dekhand in us-east-1 are left under key ${oldKey}, by their labels.`,
      "0 wraps in store dekhand in us-east-1 are left to be rewrapped, as verification judged them.",
      "2 wraps in store dekhand in us-east-1 are under keys that the campaign does not concern.",
      "5,230 of 52,308 current wraps in store dekhand in us-east-1 were probed and found genuine (5,230 by unwrapping); 47,077 were not in the sample.",
      "1 wrap in store dekhand in us-east-1 is NOT what it says.",
      "51,998 wraps in store dekhand in us-east-1 say that this campaign swapped them; its segments counted 52,000 swaps, which tells progress only: a page that a crash undid is counted by who ran it again.",
      "0 failures are open, 1 skipped on an operator's word.",
      "A census counts wraps by what they say about themselves; what they are, only probes show.",
      "Nothing is said about wraps outside the stores and Regions that are listed, such as those in backups and exports.",
    ]);
  });

  it.each([
    ["planned", []],
    ["preflight", ["preflight"]],
    ["paused", ["preflight", "canary", "running", "paused"]],
    ["cancelled", ["preflight", "cancelled"]],
    ["failed", ["preflight", "failed"]],
  ] as const)(
    "of a campaign that is %s says first that it is not complete, since when, by whom and why",
    async (status, way) => {
      const [first] = await state({ ...finishedCampaign, way, reason: "for the weekend" });
      const since = `2026-11-02T08:0${way.length}:00.000Z`;
      expect(first).toBe(
        `The campaign is NOT complete. It is ${status}, since ${since}, by ada: for the weekend. What follows is how it stood at ${at}.`,
      );
    },
  );

  it("without a closing census claims nothing about what is left", async () => {
    const lines = await state({ target: keyTarget, segments: [], way: ["preflight"] });
    expect(lines).toContain(
      "There is no closing census of store dekhand in us-east-1: nothing is known about what is left there.",
    );
    expect(lines.filter((line) => /\bleft (under|to be)\b/.test(line))).toEqual([]);
  });

  it("says that a census is not whole, and which sweep it closed where another has begun", async () => {
    const segments = [
      { phase: "verify", index: 0, of: 3, counts: { [wraps(newKey, "m1", true)]: 5, current: 5 } },
      { phase: "verify", index: 1, of: 3, counts: {}, done: false },
      { phase: "rewrap", sweep: 2, counts: {}, done: false },
    ] as const;
    const lines = await state({ target: keyTarget, segments, way: ["preflight"] });
    expect(lines).toContain(
      "The closing census of store dekhand in us-east-1 is NOT whole: 1 of its 2 segments are done. Its numbers are what these counted.",
    );
    expect(lines).toContain(
      "The census of store dekhand in us-east-1 closed sweep 1. Sweep 2 has begun since: its work is not in it.",
    );
  });

  it("of a rotation tells wraps of another material from those that keep none and are judged by mark or time", async () => {
    const segments = verified({
      [wraps(newKey, "m2", true)]: 51_000,
      [wraps(newKey, "m1", false)]: 2,
      [wraps(newKey, null, true)]: 300,
      [wraps(newKey, null, false)]: 13,
      current: 51_000,
      currentConcluded: 312,
      stale: 2,
      failing: 1,
      probed: 51_312,
    });
    const lines = await state({ target: rotationTarget, kind: "rotation", segments, way: ["preflight"] });
    const place = "store dekhand in us-east-1";
    for (const line of [
      `2 of 51,002 wraps in ${place} that name their key material are left under another material of key ${newKey} than m2, by their labels.`,
      `313 wraps in ${place} under key ${newKey} keep no material id.`,
      `2 wraps in ${place} are left to be rewrapped, as verification judged them; 1 more failed and 0 were skipped.`,
      `312 wraps in ${place} are judged by this campaign's mark or by time, because no material id is kept.`,
      `51,312 of 51,312 current wraps in ${place} were probed and found genuine (51,312 by dry run); 0 were not in the sample.`,
    ]) {
      expect(lines).toContain(line);
    }
    expect(lines.join("\n")).toContain(
      "It does not show which DEK is in it, nor under which material of the key it is.",
    );
  });

  it("of a rotation in a store without labels says that each wrap was swapped once, from the segments' counters", async () => {
    const counted = { phase: "rewrap", counts: { scanned: 50_000, swapped: 49_990 } } as const;
    const canary = { phase: "canary", counts: { tried: 10, swapped: 10, verified: 10 } } as const;
    const closing = verified({ [wraps(null, null, false)]: 50_000, unlabelled: 50_000 });
    const told = "50,000 wraps in store dekhand in us-east-1 keep no label that tells key material";
    const whole = await state({ target: rotationTarget, kind: "rotation", segments: [canary, counted, ...closing] });
    expect(whole).toContain(
      `${told}: each wrap was swapped once, as far as the segments of the rewrap passes counted: 50,000 swapped, 0 found current, 0 that failed or changed meanwhile.`,
    );
    expect(whole).toContain(
      "50,000 wraps in store dekhand in us-east-1 keep no key ARN, so that no census tells the key.",
    );
    expect(whole.filter((line) => line.includes("by their labels"))).toEqual([]);

    const unfinished = [{ ...counted, done: false }, ...closing];
    const broken = await state({ target: rotationTarget, kind: "rotation", segments: unfinished });
    expect(broken).toContain(`${told}, and no pass over all of them has come to its end.`);
  });

  it("says what could not be read, judged or probed, and what a key campaign finds in a store that keeps no key", async () => {
    const segments = verified({
      [wraps(null, null, false)]: 20,
      unlisted: 3,
      malformed: 1,
      current: 18,
      stale: 1,
      probed: 10,
      unprobed: 5,
    });
    const lines = await state({ target: keyTarget, segments, settings: { sample: 7 } });
    const place = "store dekhand in us-east-1";
    for (const line of [
      "The campaign's settings are not ones that this version can read.",
      `1 item in ${place} cannot be read as a wrap.`,
      `3 wraps in ${place} have labels that are too long, or of too many kinds, to be told apart.`,
      `4 wraps in ${place} could not be judged.`,
      `3 wraps in ${place} were to be probed and could not be.`,
      "No failure is unresolved.",
    ]) {
      expect(lines).toContain(line);
    }
    expect(lines.filter((line) => line.includes("left under"))).toEqual([]);
  });

  it("of a reseal counts records, and claims nothing about wraps", async () => {
    const target = { ...keyTarget, store: "records" };
    const segments = [
      { phase: "reseal", counts: { scanned: 900, resealed: 700, other: 200 } },
      { phase: "reseal", sweep: 2, index: 0, of: 2, counts: { scanned: 450, resealed: 3, other: 445, failed: 2 } },
      { phase: "reseal", sweep: 2, index: 1, of: 2, counts: {}, done: false },
    ] as const;
    const lines = await state({ target, kind: "reseal", segments, way: ["preflight"] });
    expect(lines.slice(1, -2)).toEqual([
      "703 records of store records in us-east-1 were sealed again under new DEKs, as far as its segments counted, which tells progress only.",
      "Sweep 2 over store records in us-east-1, which is NOT whole (1 of its 2 segments are done), looked at 450 records: 3 sealed again, 0 that changed meanwhile, 2 that failed.",
    ]);
    expect(await state({ target, kind: "reseal", segments: [], way: [] })).toContain("No records were looked at.");
  });

  it("of wraps that nobody judged says so", async () => {
    const lines = await state({ target: keyTarget, segments: verified({ [wraps(oldKey, "m0", false)]: 4 }) });
    expect(lines).toContain("The wraps in store dekhand in us-east-1 were counted and not judged.");
    expect(lines).toContain(
      `4 of 4 wraps in store dekhand in us-east-1 are left under key ${oldKey}, by their labels.`,
    );
  });
});
