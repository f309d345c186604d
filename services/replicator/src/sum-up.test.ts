import type { ReplicateResult } from "@dekhand/recovery";
import { describe, expect, it } from "vitest";
import { sumUp } from "./sum-up.ts";

const none = { dekIds: [], recordIds: [] };
const result = (changes: Partial<ReplicateResult> = {}): ReplicateResult => ({
  ...{ arrived: none, gone: none, ahead: none, elsewhere: none, failed: [] },
  ...changes,
});
const records = (...recordIds: string[]) => ({ dekIds: [], recordIds });
const failure = { kind: "record", id: "a", code: "KMS_DENIED", retryable: true } as const;

describe("what several homes say of one debt", () => {
  it.each([
    ["all of it has arrived", [{ arrived: records("a", "b") }], true],
    ["there is nothing of it any more", [{ gone: records("a") }, { gone: records("a") }], true],
    ["the replica is ahead of it", [{ ahead: records("a") }], true],
    [
      "it has arrived from its home, and others are not its home",
      [{ elsewhere: records("a") }, { arrived: records("a") }],
      true,
    ],
    ["none of them is its home by now", [{ elsewhere: records("a") }, { gone: records("a") }], false],
    ["part of it has failed", [{ arrived: records("b"), failed: [failure] }], false],
    ["what failed from one has arrived from another", [{ failed: [failure] }, { arrived: records("a") }], true],
  ] as const)("%s", (_title, results, isPaid) => {
    expect(sumUp(results.map((one) => result(one))).isPaid).toBe(isPaid);
  });

  it("tells what has failed", () => {
    expect(sumUp([result({ failed: [failure] })]).failures).toEqual([failure]);
  });
});
