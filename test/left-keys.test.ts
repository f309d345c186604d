import { DescribeKeyCommand } from "@aws-sdk/client-kms";
import type { EncryptJobInput } from "@dekhand/jobs";
import { eventually } from "@dekhand/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { untilStored } from "./stack/ingest.ts";
import { changeKey } from "./stack/key-change.ts";
import { plainProfile, region, type Stack, startStack, tenantProfile } from "./stack/start-stack.ts";

/** Encryptors whose configuration names a key that a campaign has left. */

let stack: Stack;
beforeEach(async () => {
  stack = await startStack();
});
afterEach(() => stack[Symbol.asyncDispose]());

const campaignId = "to-the-new-key";
const leave = (keyArn: string) => stack.stores.state.leaveKey({ keyArn, campaignId, at: new Date().toISOString() });

/** Submits records in a scope each, so that each needs a DEK of its own; gives their ids. */
async function submit(count: number): Promise<readonly string[]> {
  const records: EncryptJobInput[] = Array.from({ length: count }, (_, index) => ({
    recordId: `record-${index}`,
    profile: tenantProfile,
    context: { tenant: `tenant-${index}` },
    payload: Buffer.from(`payload ${index}`),
  }));
  const outcomes = await stack.client.submitAll(records);
  expect(outcomes.every(({ ok }) => ok)).toBe(true);
  return records.map(({ recordId }) => recordId);
}

async function wrapsUnder(keyArn: string): Promise<number> {
  const { wraps } = await stack.stores.deks.count();
  return wraps.find((each) => each.keyArn === keyArn)?.count ?? 0;
}

const untilJobsWait = () => eventually(() => stack.logs().includes("DEKS_KEY_LEFT"));

describe("a worker whose key a campaign has left", () => {
  it("waits with its jobs, while other profiles go on, and finishes them once the mark is taken away", async () => {
    const { KeyMetadata } = await stack.clients
      .region(region)
      .kms.send(new DescribeKeyCommand({ KeyId: "alias/customer-pii" }));
    const keyArn = KeyMetadata?.Arn ?? "";
    await leave(keyArn);
    const { encryptor } = await stack.startEncryptor();
    const waiting = await submit(10);
    await untilJobsWait();
    const other = { recordId: "other", profile: plainProfile, payload: Buffer.from("goes on") };
    expect((await stack.client.submitAll([other])).every(({ ok }) => ok)).toBe(true);
    await untilStored(stack, ["other"]);
    expect(await wrapsUnder(keyArn)).toBe(0);

    await stack.stores.state.returnToKey(keyArn, { campaignId, marks: "own" });
    await untilStored(stack, waiting);
    expect(await wrapsUnder(keyArn)).toBe(10);
    // Each message was received once: waiting spent none of the queue's receives.
    const stats = encryptor.consumers().map((consumer) => consumer.stats());
    expect(stats.reduce((sum, { received, rejected }) => sum + received + rejected, 0)).toBe(11);
  });

  it("because it was started with an old configuration makes nothing under it; another stores its jobs under the new one", async () => {
    const { oldKey, newKey, config } = await changeKey(stack);
    await leave(oldKey);
    const profile = config.profiles[tenantProfile];
    if (!profile) throw new Error("the profile is configured");
    const old = { ...config, profiles: { ...config.profiles, [tenantProfile]: { ...profile, key: oldKey } } };
    const stale = await stack.startEncryptor({ config: old });
    const ids = await submit(10);
    await untilJobsWait();
    await stale.encryptor.drain({ ms: 2_000 });

    await stack.startEncryptor({ config });
    await untilStored(stack, ids);
    expect([await wrapsUnder(oldKey), await wrapsUnder(newKey)]).toEqual([0, 10]);
  });
});
