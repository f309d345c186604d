import { newDekId } from "@dekhand/envelope";
import { describe, expect, it } from "vitest";
import { bullReplicateJobId } from "../bullmq/bull-job-id.ts";
import { toReplicateJob } from "./encode-replicate-job.ts";
import { parseReplicateJob } from "./parse-replicate-job.ts";

const input = { region: "eu-west-1", dekIds: [newDekId()], recordIds: ["r1"] };

describe("a replicate job", () => {
  it("is called as its debt is, or by a random id, where nobody names it", () => {
    const debtId = newDekId();
    expect(toReplicateJob({ ...input, debtId }).id).toBe(debtId);
    expect(toReplicateJob({ ...input, debtId, id: "mine" }).id).toBe("mine");
    expect(toReplicateJob(input).id).not.toBe(toReplicateJob(input).id);
  });

  it("that breaks the contract is refused before it is sent, with a consumer's reason that repeats no value", () => {
    const secret = "canary".repeat(100);
    expect(() => toReplicateJob({ ...input, id: "j", recordIds: [secret] })).toThrow(
      expect.objectContaining({
        code: "JOBS_RECORD_ID_INVALID",
        message: expect.not.stringContaining("canary"),
        context: { jobId: "j" },
      }),
    );
    const tooMany = { version: 1, kind: "replicate", id: "j", ...input, dekIds: Array.from({ length: 101 }, newDekId) };
    expect(parseReplicateJob(tooMany)).toEqual({
      ok: false,
      rejection: { code: "JOBS_DEK_ID_INVALID", message: "dekIds has more than 100 entries", jobId: "j" },
    });
  });

  it("collapses by its debt and Region, or without debt by its own id and Region", () => {
    const debtId = newDekId();
    const idOf = (changes: object) => bullReplicateJobId(toReplicateJob({ ...input, id: "a", ...changes }));
    expect(idOf({ debtId })).toBe(idOf({ debtId, id: "b", recordIds: [] }));
    expect(idOf({ debtId })).not.toBe(idOf({ debtId, region: "us-west-2" }));
    expect(idOf({ debtId })).not.toBe(idOf({ debtId: newDekId() }));
    expect(idOf({})).toBe(idOf({ recordIds: ["r2"] }));
    expect(idOf({})).not.toBe(idOf({ id: "b" }));
    expect(idOf({ id: debtId })).not.toBe(idOf({ debtId }));
  });
});
