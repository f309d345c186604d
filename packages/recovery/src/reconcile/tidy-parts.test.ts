import { randomBytes, randomUUID } from "node:crypto";
import { createManualClock } from "@dekhand/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  apart,
  home,
  type RecoveryDeployment,
  type RecoveryRegions,
  startRecoveryRegions,
} from "../testing/recovery-regions.ts";
import { tidyParts } from "./tidy-parts.ts";

/** So large that its envelope is in three parts. */
const text = "x".repeat(900_000);
const hourMs = 3_600_000;

describe("parts that no head names", () => {
  let regions: RecoveryRegions;

  beforeAll(async () => {
    regions = await startRecoveryRegions();
  });
  afterAll(() => regions[Symbol.asyncDispose]());

  /** A record in two Regions that has been sealed again at home. */
  const sealedAgain = async () => {
    const deployment = await regions.deployment();
    const { recordId } = await deployment.write({ text });
    const records = deployment.stores(home).records;
    await deployment.replicate({ region: apart, recordIds: [recordId] });
    const before = await records.get(recordId);
    if (!before) throw new Error("it was stored");
    const envelope = randomBytes(before.envelope.length);
    await records.reseal(before, { dekId: randomUUID(), sealId: randomBytes(24).toString("hex"), envelope });
    return { deployment, recordId, records };
  };

  const depsFor = ({ stores }: RecoveryDeployment, clock: ReturnType<typeof createManualClock>) => {
    const { records, state } = stores(home);
    return { records, state, others: [stores(apart).records], clock };
  };
  const fast = { pagesPerSecond: 10_000 };

  it("are deleted a day after they were found to be of no use, and no sooner", async () => {
    const { deployment, records, recordId } = await sealedAgain();
    const clock = createManualClock();
    const deps = depsFor(deployment, clock);
    const now = await records.get(recordId);
    if (!now) throw new Error("it was stored");
    await deployment.stores(apart).records.putCopy(now, { sealId: (await headAt(deployment, apart, recordId)).sealId });

    expect(await tidyParts(deps, fast)).toEqual({ kind: "finished", parts: 6, marked: 3, deleted: 0 });
    await clock.advance(23 * hourMs);
    expect(await tidyParts(deps, fast)).toMatchObject({ marked: 0, deleted: 0 });
    await clock.advance(2 * hourMs);
    expect(await tidyParts(deps, { ...fast, everyMs: 48 * hourMs })).toEqual({ kind: "not-due" });
    expect(await tidyParts(deps, fast)).toMatchObject({ parts: 6, deleted: 3 });
    expect((await records.get(recordId))?.digest).toBe(now.digest);
    expect(await tidyParts(deps, fast)).toMatchObject({ parts: 3, deleted: 0 });
  });

  it("stay as long as a replica Region's head names them, or cannot be asked for", async () => {
    const { deployment } = await sealedAgain();
    const clock = createManualClock();
    const deps = depsFor(deployment, clock);
    await tidyParts(deps, fast);
    await clock.advance(25 * hourMs);
    expect(await tidyParts(deps, fast)).toMatchObject({ parts: 6, deleted: 0 });
    regions.aws.control.cutOff(apart, true);
    try {
      await expect(tidyParts(deps, fast)).rejects.toMatchObject({ retryable: true });
    } finally {
      regions.aws.control.cutOff(apart, false);
    }
  });
});

async function headAt({ stores }: RecoveryDeployment, region: string, recordId: string) {
  const head = await stores(region).records.getHead(recordId);
  if (!head) throw new Error("it was copied");
  return head;
}
