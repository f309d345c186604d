/** The governor as a whole: what its layers do together, through the real SDK client and real HTTP. */
import { randomBytes } from "node:crypto";
import { createLogger, createMetrics, type QuotaConfig } from "@dekhand/runtime";
import { eventually } from "@dekhand/testing";
import { afterEach, describe, expect, it } from "vitest";
import { createKmsGovernor } from "./kms-governor.ts";
import { createKmsQuota } from "./quota/kms-quota.ts";
import { ampleQuotaConfig } from "./testing/ample-quota.ts";
import { openKmsClient } from "./testing/kms-client.ts";
import { type KmsAnswer, startKmsServer } from "./testing/kms-server.ts";
import { failureOf } from "./testing/sample-call.ts";

const region = "eu-west-1";
const keyArn = "arn:aws:kms:eu-west-1:111122223333:key/11111111-2222-3333-4444-555555555555";
const otherArn = "arn:aws:kms:eu-west-1:111122223333:key/99999999-2222-3333-4444-555555555555";
const context = { tenant: "acme" };
const key = randomBytes(32);
const blob = Buffer.from("wrapped key");
const decrypted: KmsAnswer = { output: { KeyId: keyArn, Plaintext: key.toString("base64"), KeyMaterialId: "m1" } };
const reEncrypted: KmsAnswer = {
  output: {
    CiphertextBlob: "bmV3",
    SourceKeyId: keyArn,
    KeyId: otherArn,
    SourceKeyMaterialId: "m1",
    DestinationKeyMaterialId: "m2",
  },
};
let stack = new AsyncDisposableStack();

afterEach(async () => {
  await stack.disposeAsync();
  stack = new AsyncDisposableStack();
});

async function govern(answers: readonly KmsAnswer[], share: Partial<QuotaConfig> = {}) {
  const server = stack.use(await startKmsServer(...answers));
  const metrics = createMetrics({ service: "test" });
  const logger = createLogger({ service: "test", level: "silent" });
  const client = openKmsClient(stack, region, server.url);
  const quota = createKmsQuota({ config: { ...ampleQuotaConfig, ...share }, prefix: "test", metrics, logger });
  const kms = createKmsGovernor({ region, client, quota, metrics, logger, random: () => 0, backoff: { capMs: 5 } });
  return { server, kms, quota, metrics };
}

describe("ReEncrypt", () => {
  const request = { sourceKeyArn: keyArn, blob, sourceContext: context, targetKeyArn: otherArn, targetContext: {} };

  it("names both keys and both contexts, and tells the keys and materials that KMS used", async () => {
    const { server, kms } = await govern([reEncrypted]);
    const answer = await kms.reEncrypt(request, { priority: "campaign" });
    const used = { sourceKeyArn: keyArn, sourceMaterial: "m1", keyArn: otherArn, material: "m2" };
    expect(answer).toEqual({ blob: new Uint8Array(Buffer.from("new")), ...used });
    expect(server.requests[0]?.input).toEqual({
      SourceKeyId: keyArn,
      CiphertextBlob: blob.toString("base64"),
      SourceEncryptionContext: context,
      DestinationKeyId: otherArn,
      DestinationEncryptionContext: {},
    });
  });

  it("does without materials, which many endpoints never tell", async () => {
    const { kms } = await govern([{ output: { CiphertextBlob: "bmV3" } }]);
    expect(Object.keys(await kms.reEncrypt(request))).toEqual(["blob"]);
  });
});

describe("equal Decrypts in flight", () => {
  it("make one request, and each caller owns what it gets", async () => {
    const { server, kms, metrics } = await govern([decrypted]);
    const answers = await Promise.all(Array.from({ length: 50 }, () => kms.decrypt({ keyArn, blob, context })));
    expect(server.requests).toHaveLength(1);
    answers[0]?.plaintext.fill(0);
    expect(answers.slice(1).every(({ plaintext }) => plaintext.equals(key))).toBe(true);
    expect(new Set(answers.map(({ plaintext }) => plaintext.buffer)).size).toBe(50);
    expect(kms.meters().coalesced).toBe(49);
    expect(await metrics.render()).toMatch(/dekhand_kms_coalesced_total\{.*\} 49/);
  });

  it("are not mixed up with others: another context, blob or key asks by itself", async () => {
    const { server, kms } = await govern([decrypted]);
    await Promise.all([
      kms.decrypt({ keyArn, blob, context }),
      kms.decrypt({ keyArn, blob, context: { tenant: "other" } }),
      kms.decrypt({ keyArn, blob: Buffer.from("other"), context }),
      kms.decrypt({ keyArn: otherArn, blob, context }),
    ]);
    expect(server.requests).toHaveLength(4);
  });
});

describe("a call that waits for its turn in the share", () => {
  const slow = { share: { callsPerSecond: 1 } };

  it("fails as throttled when its time is up, and nothing was sent", async () => {
    const { server, kms } = await govern([decrypted], slow);
    await kms.decrypt({ keyArn, blob, context });
    const error = await failureOf(kms.decrypt({ keyArn, blob, context }, { deadlineMs: 50 }));
    expect(error).toMatchObject({ code: "KMS_THROTTLED", retryable: true });
    expect(error.context).toMatchObject({ reason: "ShareExhausted", attempts: 0 });
    expect(server.requests).toHaveLength(1);
  });

  it("is cancelled at once, and its wait is shown by reason", async () => {
    const { server, kms, quota, metrics } = await govern([decrypted], slow);
    await kms.decrypt({ keyArn, blob, context });
    const caller = new AbortController();
    const call = failureOf(kms.encrypt({ keyArn, plaintext: key, context }, { signal: caller.signal }));
    await eventually(() => expect(quota.status()[0]?.waiting.interactive).toBe(1));
    caller.abort();
    expect(await call).toMatchObject({ code: "KMS_CANCELLED", context: { attempts: 0 } });
    expect(server.requests).toHaveLength(1);
    const text = await metrics.render();
    expect(text).toMatch(/dekhand_kms_wait_seconds_count\{.*reason="share".*\} 2/);
    expect(text).toMatch(/dekhand_kms_quota_rate\{.*quota_class="crypto".*\} 1/);
    expect(text).toMatch(/dekhand_kms_quota_shared\{.*\} 0/);
  });
});

describe("a Region that fails", () => {
  const broken: KmsAnswer = { error: "KMSInternalException", status: 500 };

  it("is left alone after a while, until a probe is answered", async () => {
    const { server, kms, metrics } = await govern([...Array<KmsAnswer>(10).fill(broken), decrypted]);
    const failures = await Promise.all(
      Array.from({ length: 10 }, (_, at) => failureOf(kms.describeKey(`alias/${at}`, { deadlineMs: 2_000 }))),
    );
    expect(kms.status().breaker.state).toBe("open");
    expect(failures.some(({ code }) => code === "KMS_CIRCUIT_OPEN")).toBe(true);
    const sent = server.requests.length;
    const refused = await failureOf(kms.decrypt({ keyArn, blob, context }));
    expect(refused).toMatchObject({ code: "KMS_CIRCUIT_OPEN", retryable: true, context: { attempts: 0 } });
    expect(server.requests).toHaveLength(sent);
    expect(await metrics.render()).toMatch(/dekhand_kms_breaker_open\{.*\} 1/);

    const answer = await eventually(() => kms.decrypt({ keyArn, blob, context }));
    expect(answer.plaintext).toEqual(key);
    expect(kms.status().breaker.state).toBe("closed");
    expect(await metrics.render()).toMatch(/dekhand_kms_breaker_open\{.*\} 0/);
  });

  it("is not one that throttles: that slows calls down and opens nothing", async () => {
    const { kms } = await govern([...Array<KmsAnswer>(20).fill({ error: "ThrottlingException" }), decrypted]);
    expect((await kms.decrypt({ keyArn, blob, context })).plaintext).toEqual(key);
    expect(kms.status().breaker).toMatchObject({ state: "closed", failures: 0 });
    expect(kms.meters().throttles).toBe(20);
  });
});

describe("retries", () => {
  it("of a campaign in trouble leave readers their own budget", async () => {
    const { kms } = await govern([...Array<KmsAnswer>(101).fill({ error: "ThrottlingException" }), decrypted]);
    const request = { sourceKeyArn: keyArn, blob, sourceContext: context, targetKeyArn: otherArn, targetContext: {} };
    const error = await failureOf(kms.reEncrypt(request, { priority: "campaign", deadlineMs: 60_000 }));
    expect(error).toMatchObject({ code: "KMS_THROTTLED", context: { attempts: 101 } });
    expect(kms.status().retryBudget).toEqual({ interactive: 500, replicate: 500, campaign: 0 });
  });
});

describe("a key in a custom key store", () => {
  it("counts against the store's quota as well, once DescribeKey has told of it", async () => {
    const KeyMetadata = { Arn: keyArn, KeyState: "Enabled", CustomKeyStoreId: "cks-1" };
    const { kms, quota } = await govern([{ output: { KeyMetadata } }, decrypted]);
    expect((await kms.describeKey("alias/a")).keyStore).toBe("cks-1");
    await kms.decrypt({ keyArn, blob, context });
    expect(quota.status().map(({ quotaClass }) => quotaClass)).toEqual([
      "operation:DescribeKey",
      "key-store:cks-1",
      "crypto",
    ]);
  });
});
