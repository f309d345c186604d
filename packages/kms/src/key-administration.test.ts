import { ReplicateKeyCommand, RotateKeyOnDemandCommand } from "@aws-sdk/client-kms";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type EmbeddedKms, region, replicaRegion, startEmbeddedKms } from "./testing/embedded-kms.ts";
import type { KmsAnswer } from "./testing/kms-server.ts";
import { failureOf } from "./testing/sample-call.ts";
import { scriptedGovernor } from "./testing/scripted-governor.ts";

const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
let stack: AsyncDisposableStack;
let embedded: EmbeddedKms;

beforeEach(async () => {
  stack = new AsyncDisposableStack();
  embedded = await startEmbeddedKms(stack);
});

afterEach(() => stack.disposeAsync());

const answering = (...answers: readonly KmsAnswer[]) => scriptedGovernor(stack, ...answers);

describe("a description", () => {
  it("tells origin, kind and Regions of related keys, and the date of a deletion", async () => {
    const { kms, client, createKey } = embedded;
    const primary = await createKey({ MultiRegion: true });
    await client.send(new ReplicateKeyCommand({ KeyId: primary, ReplicaRegion: replicaRegion }));
    const related = { multiRegion: true, primaryRegion: region, replicaRegions: [replicaRegion] };
    expect(await kms.describeKey(primary)).toMatchObject({ ...related, multiRegionKind: "PRIMARY", origin: "AWS_KMS" });
    const single = await createKey();
    const { deletionAt } = await kms.scheduleKeyDeletion(single, { days: 7 });
    expect(await kms.describeKey(single)).toMatchObject({ state: "PendingDeletion", multiRegion: false, deletionAt });
    expect(await kms.describeKey(single)).not.toHaveProperty("multiRegionKind");
  });

  it("tells when imported material expires", async () => {
    const KeyMetadata = { Arn: "arn", KeyState: "Enabled", Origin: "EXTERNAL", ValidTo: 1_800_000_000.5 };
    const { kms } = await answering({ output: { KeyMetadata } });
    const description = await kms.describeKey("arn");
    expect(description).toMatchObject({ origin: "EXTERNAL", validTo: new Date(1_800_000_000_500).toISOString() });
  });
});

describe("the rotations of a key", () => {
  it("are all its materials, the first one included, oldest first", async () => {
    const { kms, client, createKey } = embedded;
    const key = await createKey();
    const first = (await kms.describeKey(key)).material;
    await client.send(new RotateKeyOnDemandCommand({ KeyId: key }));
    const second = (await kms.describeKey(key)).material;
    expect(await kms.listKeyRotations(key)).toEqual([
      { material: first, state: "NON_CURRENT" },
      { material: second, state: "CURRENT", kind: "ON_DEMAND", rotatedAt: expect.stringMatching(ISO) },
    ]);
  });

  it("are read to the last page, and no further", async () => {
    const page = (id: string, NextMarker?: string): KmsAnswer => ({
      output: { Rotations: [{ KeyMaterialId: id }], Truncated: NextMarker !== undefined, NextMarker },
    });
    const { kms, server } = await answering(page("a", "1"), page("b", "2"), page("c"));
    expect((await kms.listKeyRotations("arn")).map(({ material }) => material)).toEqual(["a", "b", "c"]);
    const asked = { KeyId: "arn", IncludeKeyMaterial: "ALL_KEY_MATERIAL" };
    expect(server.requests.map(({ input }) => input)).toEqual([
      asked,
      { ...asked, Marker: "1" },
      { ...asked, Marker: "2" },
    ]);
    const stuck = await answering(page("a", "1"));
    expect(await stuck.kms.listKeyRotations("arn")).toHaveLength(2);
  });

  it("are none of a key that is not rotated, which no later try would change", async () => {
    const key = await embedded.createKey({ KeySpec: "HMAC_256", KeyUsage: "GENERATE_VERIFY_MAC" });
    expect(await failureOf(embedded.kms.listKeyRotations(key))).toMatchObject({ code: "KMS_POISON" });
  });
});

describe("the last use of a key", () => {
  it("is told with operation and time, and since when it would be known", async () => {
    const { kms, createKey } = embedded;
    const key = await createKey();
    expect(await kms.keyLastUsage(key)).toEqual({ trackedSince: expect.stringMatching(ISO) });
    await kms.encrypt({ keyArn: key, plaintext: Buffer.from("x"), context: {} });
    const usage = {
      operation: "Encrypt",
      usedAt: expect.stringMatching(ISO),
      trackedSince: expect.stringMatching(ISO),
    };
    expect(await kms.keyLastUsage(key)).toEqual(usage);
  });

  it.each<[string, KmsAnswer]>([
    ["by AWS's name", { error: "UnknownOperationException" }],
    ["as not implemented", { error: "InternalFailure", status: 501 }],
  ])(
    "is undefined where the endpoint does not know the operation, %s, and that is no failure",
    async (_how, answer) => {
      const { kms, server } = await answering(answer);
      expect(await kms.keyLastUsage("arn")).toBeUndefined();
      expect(server.requests).toHaveLength(1);
      expect(Object.values(kms.meters().failures).every((count) => count === 0)).toBe(true);
    },
  );

  it("is a failure, not unknown, where the key is not there or the role may not ask", async () => {
    const absent = (await embedded.createKey()).replace(/[0-9a-f]{12}$/, "0".repeat(12));
    expect(await failureOf(embedded.kms.keyLastUsage(absent))).toMatchObject({ code: "KMS_KEY_UNUSABLE" });
    const { kms } = await answering({ error: "AccessDeniedException" });
    expect(await failureOf(kms.keyLastUsage("arn"))).toMatchObject({
      code: "KMS_DENIED",
      operation: "GetKeyLastUsage",
    });
  });
});

describe("a key's end", () => {
  it("is disabled as often as one likes, and scheduled once", async () => {
    const { kms, createKey } = embedded;
    const key = await createKey();
    await kms.disableKey(key);
    await kms.disableKey(key);
    expect(await kms.describeKey(key)).toMatchObject({ enabled: false, state: "Disabled" });
    const { deletionAt } = await kms.scheduleKeyDeletion(key, { days: 30 });
    expect(deletionAt).toMatch(ISO);
    expect(await failureOf(kms.scheduleKeyDeletion(key, { days: 30 }))).toMatchObject({
      code: "KMS_KEY_UNUSABLE",
      operation: "ScheduleKeyDeletion",
    });
    expect(await failureOf(kms.scheduleKeyDeletion(await createKey(), { days: 6 }))).toMatchObject({
      code: "KMS_POISON",
    });
  });

  it("has no date yet while its replicas are there", async () => {
    const { kms, client, createKey } = embedded;
    const primary = await createKey({ MultiRegion: true });
    await client.send(new ReplicateKeyCommand({ KeyId: primary, ReplicaRegion: replicaRegion }));
    expect(await kms.scheduleKeyDeletion(primary, { days: 7 })).toEqual({});
    expect(await kms.describeKey(primary)).toMatchObject({ state: "PendingReplicaDeletion" });
  });
});

describe("the administration's calls", () => {
  it("count against quotas of their own, never against what encrypts", async () => {
    const { kms, quota, createKey } = embedded;
    const key = await createKey();
    await kms.listKeyRotations(key);
    await kms.keyLastUsage(key);
    await kms.disableKey(key);
    await kms.scheduleKeyDeletion(key, { days: 7 });
    expect(quota.status().map(({ quotaClass, share }) => [quotaClass, share])).toEqual([
      ["operation:ListKeyRotations", 50],
      ["operation:GetKeyLastUsage", 2.5],
      ["operation:DisableKey", 2.5],
      ["operation:ScheduleKeyDeletion", 7.5],
    ]);
    const { calls } = kms.meters();
    expect(calls).toMatchObject({ ListKeyRotations: 1, GetKeyLastUsage: 1, DisableKey: 1, ScheduleKeyDeletion: 1 });
  });
});
