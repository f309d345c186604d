import type { RecordHead } from "@dekhand/store";
import { describe, expect, it } from "vitest";
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

describe("judgeRecord", () => {
  it.each([
    ["equal heads are the same record", {}, {}, "same"],
    ["another sealing of the same record is copied", { sealId: "new" }, {}, "write"],
    ["what the target says beside the envelope is made right", {}, { contentType: "text/html" }, "write"],
    ["a higher revision is copied", { revision: 2, jobId: "b" }, { revision: 1 }, "write"],
    ["any revision is higher than none", { revision: 0, jobId: "b" }, {}, "write"],
    ["a lower revision is never put back", { revision: 1 }, { revision: 2, jobId: "b" }, "ahead"],
    ["not by a later home either", { revision: 1, epoch: 2 }, { revision: 2, jobId: "b" }, "ahead"],
    ["one job on both sides is one record: the later home's stays", { epoch: 1 }, { epoch: 2, sealId: "b" }, "ahead"],
    ["and is copied from there", { epoch: 2 }, { epoch: 1, sealId: "b" }, "write"],
    ["within an epoch the home is right", { jobId: "b" }, {}, "write"],
    ["a later home's record is no copy of another job's", { epoch: 2, jobId: "b" }, {}, "contested"],
    ["nor is an earlier home's", {}, { epoch: 2, jobId: "b" }, "contested"],
    ["and a higher revision does not go to a later home", { revision: 2 }, { revision: 1, epoch: 2 }, "contested"],
  ] as const)("%s", (_title, home, target, judgement) => {
    expect(judgeRecord(head(home), head(target))).toBe(judgement);
  });
});
