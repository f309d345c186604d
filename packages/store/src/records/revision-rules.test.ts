import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type HeadState, judge, type Verdict } from "./revision-rules.ts";

const seal = (job: { readonly jobId: string; readonly revision?: number }): HeadState => ({
  ...job,
  sealId: randomUUID(),
});

/** Applies jobs one after the other, each sealed anew, as deliveries would be. */
function deliver(jobs: readonly { readonly jobId: string; readonly revision?: number }[]) {
  let head: HeadState | undefined;
  const verdicts: (Verdict | "insert")[] = [];
  for (const job of jobs) {
    const sealed = seal(job);
    const verdict = head ? judge(head, sealed) : "insert";
    if (verdict === "insert" || verdict === "replace") head = sealed;
    verdicts.push(verdict);
  }
  return { head, verdicts };
}

/** Jobs for one record with different revisions, and an order to deliver them in, redeliveries included. */
const deliveries = fc
  .uniqueArray(fc.nat({ max: 50 }), { minLength: 1, maxLength: 12 })
  .map((revisions) => revisions.map((revision) => ({ jobId: `job-${revision}`, revision })))
  .chain((jobs) => fc.tuple(fc.constant(jobs), fc.array(fc.constantFrom(...jobs), { maxLength: 12 })))
  .chain(([jobs, again]) => fc.shuffledSubarray([...jobs, ...again], { minLength: jobs.length + again.length }));

describe("records are written once", () => {
  it("revisions in any order, with any redeliveries, leave the highest one, and none is rejected", () => {
    fc.assert(
      fc.property(deliveries, (jobs) => {
        const { head, verdicts } = deliver(jobs);
        expect(head?.revision).toBe(Math.max(...jobs.map(({ revision }) => revision)));
        expect(verdicts).not.toContain("exists");
        expect(verdicts).not.toContain("conflict");
      }),
    );
  });

  it("the stored revision never goes down", () => {
    fc.assert(
      fc.property(deliveries, (jobs) => {
        let last = -1;
        for (let count = 1; count <= jobs.length; count += 1) {
          const revision = deliver(jobs.slice(0, count)).head?.revision ?? -1;
          expect(revision).toBeGreaterThanOrEqual(last);
          last = revision;
        }
      }),
    );
  });

  it.each([
    ["the same sealing", { jobId: "a" }, { jobId: "a", same: true }, "landed"],
    ["the same job, sealed again", { jobId: "a" }, { jobId: "a" }, "duplicate"],
    ["the same job, with a revision", { jobId: "a", revision: 3 }, { jobId: "a", revision: 3 }, "duplicate"],
    ["another job, neither with a revision", { jobId: "a" }, { jobId: "b" }, "exists"],
    ["another job without a revision", { jobId: "a", revision: 3 }, { jobId: "b" }, "exists"],
    ["any revision where there is none", { jobId: "a" }, { jobId: "b", revision: 0 }, "replace"],
    ["a higher revision", { jobId: "a", revision: 3 }, { jobId: "b", revision: 4 }, "replace"],
    ["a lower revision", { jobId: "a", revision: 3 }, { jobId: "b", revision: 2 }, "superseded"],
    ["an equal revision", { jobId: "a", revision: 3 }, { jobId: "b", revision: 3 }, "conflict"],
  ] as const)("%s", (_, stored, job, verdict) => {
    const head = seal(stored);
    expect(judge(head, "same" in job ? head : seal(job))).toBe(verdict);
  });
});
