import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { SettledHead } from "../replicate/record-order.ts";
import { settle } from "./settle.ts";

const hex = (...choices: readonly string[]) => fc.constantFrom(...choices);

/** Few values of each, so that they meet. */
const head: fc.Arbitrary<SettledHead> = fc
  .record({
    jobId: hex("job-a", "job-b", "job-c"),
    dekId: hex("01980000-0000-7000-8000-000000000001", "01990000-0000-7000-8000-000000000000"),
    sealId: hex("aa", "bb", "cc", "dd", "ee"),
    epoch: fc.integer({ min: 1, max: 3 }),
    revision: fc.option(fc.integer({ min: 0, max: 2 }), { nil: undefined }),
    createdAt: hex("2026-11-23T10:00:00.000Z", "2026-11-23T11:00:00.000Z"),
  })
  .map(({ revision, ...rest }) => (revision === undefined ? rest : { ...rest, revision }));

const parted = fc.option(fc.constant(Date.parse("2026-11-23T10:30:00.000Z")), { nil: undefined });
const options = (partedAtMs: number | undefined, isByTwoHomes = false) => ({
  isByTwoHomes,
  ...(partedAtMs === undefined ? {} : { partedAtMs }),
});

/** What `settle` says, in terms of the records. */
function outcome(a: SettledHead, b: SettledHead, partedAtMs?: number, isByTwoHomes?: boolean) {
  const settlement = settle(a, b, options(partedAtMs, isByTwoHomes));
  if (settlement.kind === "same") return { kind: "same" } as const;
  const [won, lost] = settlement.winner === "first" ? [a, b] : [b, a];
  return { kind: settlement.kind, won, lost };
}

const rank = ({ revision = -1 }: SettledHead) => revision;

describe("two records of one id", () => {
  it("have the same winner whoever asks, and however often", () => {
    fc.assert(
      fc.property(head, head, parted, (a, b, partedAtMs) => {
        fc.pre(a.sealId !== b.sealId);
        expect(outcome(a, b, partedAtMs)).toEqual(outcome(b, a, partedAtMs));
        expect(outcome(a, b, partedAtMs)).toEqual(outcome(a, b, partedAtMs));
      }),
    );
  });

  it("are settled by revision, then epoch, then the younger DEK, then the seal id", () => {
    fc.assert(
      fc.property(head, head, parted, (a, b, partedAtMs) => {
        const found = outcome(a, b, partedAtMs);
        if (found.kind === "same") return;
        const { won, lost } = found;
        const keys = (one: SettledHead) => [rank(one), one.epoch, one.dekId, one.sealId] as const;
        const [decisive] = keys(won).flatMap((key, at) => (key === keys(lost)[at] ? [] : [at]));
        expect(decisive).toBeDefined();
        expect((keys(won)[decisive ?? 0] ?? 0) > (keys(lost)[decisive ?? 0] ?? 0)).toBe(true);
      }),
    );
  });

  it("are no contest where both are one sealing, and have one winner among three, whichever meet first", () => {
    fc.assert(
      fc.property(head, (a) => {
        expect(settle(a, { ...a })).toEqual({ kind: "same" });
      }),
    );
    const winner = (a: SettledHead, b: SettledHead) => {
      const found = outcome(a, b);
      return found.kind === "same" ? a : found.won;
    };
    fc.assert(
      fc.property(head, head, head, (a, b, c) => {
        fc.pre(new Set([a.sealId, b.sealId, c.sealId]).size === 3);
        expect(winner(winner(a, b), c)).toEqual(winner(a, winner(b, c)));
      }),
    );
  });

  it("leave no loser that the winner did not know of, unless it is the same job's", () => {
    fc.assert(
      fc.property(head, head, parted, fc.boolean(), (a, b, partedAtMs, isByTwoHomes) => {
        const found = outcome(a, b, partedAtMs, isByTwoHomes);
        if (found.kind !== "newer") return;
        const { won, lost } = found;
        const isSameJob = won.jobId === lost.jobId && rank(won) === rank(lost);
        const isReplacement = rank(won) > rank(lost) && won.epoch >= lost.epoch;
        expect(isSameJob || isReplacement).toBe(true);
        const isOfBoth =
          won.epoch > lost.epoch && Date.parse(lost.createdAt) >= (partedAtMs ?? Number.POSITIVE_INFINITY);
        expect(!isOfBoth || isSameJob).toBe(true);
        expect(!(isByTwoHomes && won.epoch === lost.epoch) || isSameJob).toBe(true);
      }),
    );
  });

  it("an earlier revision that the new home replaced is none, and one that was written after the parting is", () => {
    const old: SettledHead = {
      jobId: "one",
      dekId: "01980000-0000-7000-8000-000000000001",
      sealId: "ff",
      epoch: 1,
      revision: 1,
      createdAt: "2026-11-23T10:00:00.000Z",
    };
    const next: SettledHead = { ...old, jobId: "two", sealId: "aa", epoch: 2, revision: 2 };
    const partedAtMs = Date.parse("2026-11-23T10:30:00.000Z");
    expect(settle(old, next, { partedAtMs })).toEqual({ kind: "newer", winner: "second" });
    const late = { ...old, createdAt: "2026-11-23T11:00:00.000Z" };
    expect(settle(late, next, { partedAtMs })).toEqual({ kind: "contest", winner: "second" });
    expect(settle({ ...late, revision: 3 }, next, { partedAtMs })).toEqual({ kind: "contest", winner: "first" });
  });
});
