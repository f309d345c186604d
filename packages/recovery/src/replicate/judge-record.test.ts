import type { RecordHead } from "@dekhand/store";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { settle } from "../failover/settle.ts";
import { judgeRecord } from "./judge-record.ts";

const head = (changes: Partial<RecordHead> = {}): RecordHead => ({
  recordId: "r",
  jobId: "job",
  dekId: "dek",
  context: {},
  contentType: "text/plain",
  epoch: 1,
  sealId: "seal",
  size: 1,
  digest: "digest",
  createdAt: "2026-11-23T10:00:00.000Z",
  parts: 0,
  ...changes,
});

const other = { jobId: "b", sealId: "other" };

describe("judgeRecord", () => {
  it.each([
    ["equal heads are the same record", {}, {}, "same"],
    ["a record that was sealed again is copied", { sealId: "new", dekId: "younger" }, {}, "write"],
    ["what the target says beside the envelope is made right", {}, { contentType: "text/html" }, "write"],
    ["a higher revision is copied", { revision: 2, jobId: "b" }, { revision: 1 }, "write"],
    ["any revision is higher than none", { revision: 0, jobId: "b" }, {}, "write"],
    ["a lower revision is never put back", { revision: 1 }, { revision: 2, jobId: "b" }, "ahead"],
    ["not by a later home either", { revision: 1, epoch: 2 }, { revision: 2, jobId: "b" }, "ahead"],
    ["one job on both sides is one record: the later home's stays", { epoch: 1 }, { epoch: 2, sealId: "b" }, "ahead"],
    ["and is copied from there", { epoch: 2 }, { epoch: 1, sealId: "b" }, "write"],
    ["and not undone by who has it as it was", {}, { sealId: "new", dekId: "younger" }, "ahead"],
    ["nor is one that was stored twice under one DEK", { sealId: "a" }, { sealId: "b" }, "ahead"],
    ["within an epoch another job's record is none to replace", other, {}, "contested"],
    ["a later home's record is no copy of another job's", { epoch: 2, ...other }, {}, "contested"],
    ["nor is an earlier home's", {}, { epoch: 2, ...other }, "contested"],
    ["and a higher revision does not go to a later home", { revision: 2 }, { revision: 1, epoch: 2 }, "contested"],
  ] as const)("%s", (_title, home, target, judgement) => {
    expect(judgeRecord(head(home), head(target))).toBe(judgement);
  });

  it("never lets that one stay which loses when it is settled, whoever asks", () => {
    const few = fc.constantFrom("a", "b", "c");
    const some = fc
      .record({ jobId: few, dekId: few, sealId: few, epoch: fc.nat(2), revision: fc.nat(2) })
      .map((one) => head(one));
    fc.assert(
      fc.property(some, some, (own, there) => {
        const settlement = settle(own, there);
        if (settlement.kind === "same") return;
        const allowed = settlement.winner === "first" ? ["write", "contested"] : ["ahead", "contested"];
        expect(allowed).toContain(judgeRecord(own, there));
      }),
    );
  });
});
