import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  apart,
  type RecoveryDeployment,
  type RecoveryRegions,
  startRecoveryRegions,
} from "../testing/recovery-regions.ts";
import { createWrapsInHand } from "./wraps-in-hand.ts";

let regions: RecoveryRegions;
let deployment: RecoveryDeployment;
beforeAll(async () => {
  regions = await startRecoveryRegions();
});
afterAll(() => regions[Symbol.asyncDispose]());
beforeEach(async () => {
  regions.aws.control.clearFaults();
  deployment = await regions.deployment();
});

/** Batches of one record of each of the tenants, all at once. */
async function replicateAtOnce(batches: number, tenants: number) {
  const written = await Promise.all(
    Array.from({ length: batches * tenants }, (_, at) => deployment.write({ tenant: `tenant-${at % tenants}` })),
  );
  const wrapsInHand = createWrapsInHand();
  regions.aws.control.resetCounts();
  const ids = Array.from({ length: batches }, (_, at) =>
    written.slice(at * tenants, (at + 1) * tenants).map(({ recordId }) => recordId),
  );
  return await Promise.all(ids.map((recordIds) => deployment.replicate({ region: apart, recordIds }, { wrapsInHand })));
}

describe("batches that share what they have in hand", () => {
  it("ask KMS once for each DEK, and all of their records arrive", async () => {
    const results = await replicateAtOnce(6, 3);
    expect(results.map(({ arrived, failed }) => [arrived.recordIds.length, failed])).toEqual(
      results.map(() => [3, []]),
    );
    // Decrypt at home and Encrypt there.
    expect(regions.cryptographicCalls()).toBe(2 * 3);
  });

  it("do not ask one after the other for what KMS refuses the first of them", async () => {
    const refused = { service: "kms", operation: "Encrypt", errorName: "AccessDeniedException" } as const;
    regions.aws.control.injectErrors(apart, refused);
    const results = await replicateAtOnce(6, 1);
    expect(results.flatMap(({ failed }) => failed)).toHaveLength(6);
    expect(results.flatMap(({ failed }) => failed.map(({ code }) => code))).not.toContain("RECOVERY_CONTENDED");
    // A batch that has read the tables only later asks once more.
    expect(regions.aws.control.callCounts()[apart]?.kms.Encrypt?.calls).toBeLessThan(6);
  });
});

describe("what is in hand", () => {
  it("is free again with the end of its session, of which those that were opened before it know", async () => {
    const inHand = createWrapsInHand();
    const first = inHand.open();
    const second = inHand.open();
    expect(first.take("a")).toBeUndefined();
    const ended = second.take("a");
    const failure = { kind: "failed", code: "KMS_DENIED", retryable: true } as const;
    first.failed("a", failure);
    first[Symbol.dispose]();
    expect(await ended).toEqual(failure);
    // What it has read may be from before.
    expect(await second.take("a")).toEqual(failure);
    using third = inHand.open();
    expect(third.take("a")).toBeUndefined();
    second[Symbol.dispose]();
  });
});
