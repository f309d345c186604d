import { kmsContext } from "@dekhand/deks";
import { type CampaignTarget, type CopyOutcome, StoreError, type WrapCopy, type WrapRef } from "@dekhand/store";
import { describe, expect, it } from "vitest";
import type { AdmitWrap } from "../admit-wraps.ts";
import { type FollowPageDeps, followPage } from "./follow-page.ts";
import type { HomeWrap } from "./judge-copy.ts";

const [home, away] = ["us-east-1", "eu-west-1"];
const digits = { old: "1", new: "2" };
const arn = (region: string, key: keyof typeof digits) =>
  `arn:aws:kms:${region}:111122223333:key/mrk-${digits[key].repeat(32)}`;
const targets: readonly CampaignTarget[] = [
  { store: "dekhand", region: home, sources: [arn(home, "old")], keyArn: arn(home, "new") },
  {
    ...{ store: "dekhand", region: away, sources: [arn(away, "old")], keyArn: arn(away, "new") },
    follows: { homes: { people: home, orders: home }, all: true },
  },
];
const [, target = expect.fail("there are two")] = targets;
const order = { campaignId: "c1", target, targets };

const ids = ["0190f000-0000-7000-8000-000000000000", "0190f000-0000-7000-8000-000000000001"];
const copyOf = (id: string): WrapRef => ({
  ...{ id, keyArn: arn(away, "old"), blob: Buffer.from(`old ${id}`), wrappedAt: "2026-11-23T10:00:00.000Z" },
  context: kmsContext(id, "people", { tenant: "a" }),
});
const homeOf = (id: string, profile = "people"): HomeWrap => ({
  ...{ id, keyArn: arn(home, "new"), blob: Buffer.from(`new ${id}`), wrappedAt: "2026-11-23T11:00:00.000Z" },
  context: kmsContext(id, profile, { tenant: "a" }),
});

interface Changes {
  readonly admit?: AdmitWrap;
  readonly atHome?: (id: string) => HomeWrap;
  readonly readHome?: () => Promise<never>;
  readonly homeNow?: (profile: string) => Promise<string | undefined>;
  readonly put?: (
    copies: readonly WrapCopy[],
    signal: AbortSignal | undefined,
  ) => readonly CopyOutcome[] | Promise<readonly CopyOutcome[]>;
}

function depsWith({
  admit,
  atHome = homeOf,
  readHome,
  homeNow = async () => home,
  put = (copies) => copies.map(() => ({ kind: "stored" })),
}: Changes = {}) {
  const written: WrapCopy[] = [];
  const deps: FollowPageDeps = {
    store: { name: "dekhand" },
    admit: admit ?? (async ({ context }) => ({ kind: "admitted", context })),
    copying: {
      homeOf: homeNow,
      readHome: readHome ?? (async (_, asked) => new Map(asked.map((id) => [id, atHome(id)]))),
      async putCopies(_, copies, { signal } = {}) {
        written.push(...copies);
        return put(copies, signal);
      },
    },
  };
  return { deps, written };
}

describe("a page of copies", () => {
  it("is brought to what home has, each where it is what was read", async () => {
    const { deps, written } = depsWith();
    const { outcomes } = await followPage(ids.map(copyOf), order, deps, {});
    expect(outcomes).toEqual([{ kind: "copied" }, { kind: "copied" }]);
    expect(written).toEqual(
      ids.map((id) => {
        const { id: dekId, ...wrap } = homeOf(id);
        return {
          wrap: { ...wrap, dekId, region: away, keyArn: arn(away, "new") },
          expected: { blob: copyOf(id).blob },
        };
      }),
    );
  });

  it("keeps one that the configuration does not admit, and brings the others", async () => {
    const admit: AdmitWrap = async ({ id, context }, keyArns) => {
      expect(keyArns).toEqual([arn(away, "new")]);
      return id === ids[0] ? { kind: "quarantined", message: "no such key" } : { kind: "admitted", context };
    };
    const { deps, written } = depsWith({ admit });
    const { outcomes } = await followPage(ids.map(copyOf), order, deps, {});
    expect(outcomes).toMatchObject([{ kind: "failed", failure: { class: "quarantined" } }, { kind: "copied" }]);
    expect(written.map(({ wrap }) => wrap.dekId)).toEqual([ids[1]]);
  });

  it("takes nothing from home that names another profile", async () => {
    const { deps, written } = depsWith({ atHome: (id) => homeOf(id, "orders") });
    const { outcomes } = await followPage([copyOf(ids[0] ?? "")], order, deps, {});
    expect(outcomes).toMatchObject([{ kind: "failed", failure: { class: "quarantined" } }]);
    expect(written).toEqual([]);
  });

  it("tells what became of each: changed by somebody else, failed for its own reason, or not done", async () => {
    const failed = (code: "STORE_ITEM_TOO_LARGE" | "STORE_UNAVAILABLE"): CopyOutcome => ({
      kind: "failed",
      error: new StoreError(code, "no", { retryable: code === "STORE_UNAVAILABLE" }),
    });
    const wraps = ids.map(copyOf);
    const first = depsWith({ put: () => [{ kind: "conflict" }, failed("STORE_ITEM_TOO_LARGE")] });
    expect(await followPage(wraps, order, first.deps, {})).toMatchObject({
      outcomes: [{ kind: "conflict" }, { kind: "failed", failure: { code: "STORE_ITEM_TOO_LARGE" } }],
    });
    const second = depsWith({ put: () => [{ kind: "same" }, failed("STORE_UNAVAILABLE")] });
    expect(await followPage(wraps, order, second.deps, {})).toMatchObject({
      outcomes: [{ kind: "copied" }, { kind: "left" }],
      stop: { kind: "later", code: "STORE_UNAVAILABLE" },
    });
  });

  it("gives up writing for a campaign that could not be looked at lately, and blames none", async () => {
    const put: Changes["put"] = async (copies, signal) => {
      await new Promise((resolve) => signal?.addEventListener("abort", resolve));
      const error = new StoreError("STORE_CANCELLED", "given up", { retryable: true });
      return copies.map(() => ({ kind: "failed", error }));
    };
    const { deps } = depsWith({ put });
    const result = await followPage(ids.map(copyOf), order, deps, { swapWithinMs: () => 0 });
    expect(result).toMatchObject({
      outcomes: [{ kind: "left" }, { kind: "left" }],
      stop: { kind: "later", code: "CAMPAIGN_UNSEEN" },
    });
  });

  it("is left as it is once the campaign does not run any more, and where home cannot be read", async () => {
    const halted = depsWith();
    const { outcomes } = await followPage(ids.map(copyOf), order, halted.deps, { halt: AbortSignal.abort() });
    expect(outcomes.map(({ kind }) => kind)).toEqual(["left", "left"]);
    expect(halted.written).toEqual([]);
    const readHome = async () => {
      throw new StoreError("STORE_UNAVAILABLE", "the Region is cut off", { retryable: true });
    };
    const cutOff = depsWith({ readHome });
    expect(await followPage(ids.map(copyOf), order, cutOff.deps, {})).toMatchObject({
      outcomes: [{ kind: "left" }, { kind: "left" }],
      stop: { kind: "later", code: "STORE_UNAVAILABLE" },
    });
  });

  it("is left as it is, and pauses the campaign, once another Region has become the home of a profile in it", async () => {
    const moved = depsWith({ homeNow: async (profile) => (profile === "people" ? away : home) });
    const result = await followPage(ids.map(copyOf), order, moved.deps, {});
    expect(result).toMatchObject({
      outcomes: [{ kind: "left" }, { kind: "left" }],
      stop: { kind: "pause", code: "CAMPAIGN_HOME_MOVED", message: expect.stringContaining(`${home} to ${away}`) },
    });
    expect(moved.written).toEqual([]);

    const another = depsWith({ homeNow: async (profile) => (profile === "orders" ? away : undefined) });
    expect((await followPage(ids.map(copyOf), order, another.deps, {})).outcomes.map(({ kind }) => kind)).toEqual([
      "copied",
      "copied",
    ]);
    const homeNow = async () => {
      throw new StoreError("STORE_UNAVAILABLE", "the Region is cut off", { retryable: true });
    };
    expect(await followPage(ids.map(copyOf), order, depsWith({ homeNow }).deps, {})).toMatchObject({
      stop: { kind: "later", code: "STORE_UNAVAILABLE" },
    });
  });

  it("is refused where the campaign has no target at home, or the store no copies", async () => {
    const { deps } = depsWith();
    const unknown = { code: "CAMPAIGN_TARGET_UNKNOWN" };
    const alone = { ...order, targets: [target] };
    await expect(followPage(ids.map(copyOf), alone, deps, {})).rejects.toMatchObject(unknown);
    const { copying: _, ...foreign } = deps;
    await expect(followPage(ids.map(copyOf), order, foreign, {})).rejects.toMatchObject(unknown);
  });
});
