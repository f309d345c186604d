import { randomBytes } from "node:crypto";
import { getEventListeners } from "node:events";
import { KMSClient } from "@aws-sdk/client-kms";
import { createLogger, createMetrics } from "@dekhand/runtime";
import { eventually } from "@dekhand/testing";
import { afterEach, describe, expect, it, vi } from "vitest";
import { KMS_OPERATIONS } from "./errors.ts";
import type { KmsGovernorOptions } from "./governor-types.ts";
import { createKmsGovernor } from "./kms-governor.ts";
import { ampleQuota } from "./testing/ample-quota.ts";
import { openKmsClient } from "./testing/kms-client.ts";
import { type KmsAnswer, type KmsServer, startKmsServer } from "./testing/kms-server.ts";
import { failureOf } from "./testing/sample-call.ts";

const region = "eu-west-1";
const keyArn = "arn:aws:kms:eu-west-1:111122223333:key/11111111-2222-3333-4444-555555555555";
const context = { tenant: "acme", "dekhand:dek": "0199" };
const key = randomBytes(32);
const blob = Buffer.from("wrapped key");
const dataKey: KmsAnswer = {
  output: {
    KeyId: keyArn,
    Plaintext: key.toString("base64"),
    CiphertextBlob: blob.toString("base64"),
    KeyMaterialId: "m1",
  },
};
let stack = new AsyncDisposableStack();

afterEach(async () => {
  await stack.disposeAsync();
  stack = new AsyncDisposableStack();
});

async function serve(...answers: KmsAnswer[]): Promise<KmsServer> {
  return stack.use(await startKmsServer(...answers));
}

function govern(endpoint: string, options: Partial<KmsGovernorOptions> = {}) {
  const metrics = createMetrics({ service: "test" });
  const lines: string[] = [];
  const logger = createLogger({ service: "test", level: "debug", destination: { write: (line) => lines.push(line) } });
  const client = openKmsClient(stack, region, endpoint);
  const kms = createKmsGovernor({
    region,
    client,
    quota: ampleQuota(),
    metrics,
    logger,
    random: () => 0,
    ...options,
  });
  return { kms, metrics, lines, client };
}

describe("an answer", () => {
  it("of GenerateDataKey brings key, blob, key ARN and material; context and key id go out as they are", async () => {
    const server = await serve(dataKey);
    const { kms } = govern(server.url);
    const odd = { ...context, constructor: "c", ключ: "ü", ...JSON.parse('{"__proto__":"p"}') };
    const answer = await kms.generateDataKey({ keyArn, context: odd });
    expect(answer).toEqual({ plaintext: key, blob: new Uint8Array(blob), keyArn, material: "m1" });
    expect(server.requests).toEqual([
      { operation: "GenerateDataKey", input: { KeyId: keyArn, KeySpec: "AES_256", EncryptionContext: odd } },
    ]);
    expect(Object.keys(server.requests[0]?.input.EncryptionContext ?? {})).toContain("__proto__");
  });

  it("of Decrypt, Encrypt and DescribeKey comes in Dekhand's shape; material is optional", async () => {
    const KeyMetadata = {
      Arn: keyArn,
      Enabled: false,
      KeyState: "Disabled",
      KeyUsage: "SIGN_VERIFY",
      KeySpec: "RSA_2048",
      MultiRegion: true,
    };
    const server = await serve(
      { output: { KeyId: keyArn, Plaintext: key.toString("base64") } },
      { output: { KeyId: keyArn, CiphertextBlob: blob.toString("base64") } },
      { output: { KeyMetadata } },
    );
    const { kms } = govern(server.url);
    expect(await kms.decrypt({ keyArn, blob, context })).toEqual({ plaintext: key });
    expect(await kms.encrypt({ keyArn, plaintext: key, context })).toEqual({ blob: new Uint8Array(blob), keyArn });
    expect(await kms.describeKey("alias/a")).toEqual({
      arn: keyArn,
      enabled: false,
      state: "Disabled",
      usage: "SIGN_VERIFY",
      spec: "RSA_2048",
      multiRegion: true,
    });
    expect(server.requests.map(({ input }) => input.KeyId)).toEqual([keyArn, keyArn, "alias/a"]);
  });

  it.each<[string, KmsAnswer]>([
    ["without key", { output: { KeyId: keyArn, CiphertextBlob: "QUJD" } }],
    ["with a key of another size", { output: { KeyId: keyArn, CiphertextBlob: "QUJD", Plaintext: "QUJD" } }],
    ["without blob", { output: { KeyId: keyArn, Plaintext: key.toString("base64") } }],
    ["that is empty", { output: {} }],
  ])("%s is never taken for a data key", async (_what, answer) => {
    const server = await serve(answer, dataKey);
    const { kms } = govern(server.url, { backoff: { maxAttempts: 1 } });
    expect(await failureOf(kms.generateDataKey({ keyArn, context }))).toMatchObject({
      code: "KMS_TRANSIENT",
      context: { reason: "MalformedAnswer" },
    });
  });
});

describe("a failure", () => {
  it("that may pass is retried until it does, and every attempt is metered", async () => {
    const server = await serve(
      { error: "ThrottlingException" },
      { error: "com.amazonaws.kms#KMSInternalException", status: 500 },
      { cut: true },
      { error: "LimitExceededException" },
      { error: "Odd", status: 503 },
      dataKey,
    );
    const { kms, metrics } = govern(server.url);
    expect((await kms.generateDataKey({ keyArn, context })).plaintext).toEqual(key);
    expect(server.requests).toHaveLength(6);
    expect(kms.meters()).toEqual({
      calls: { ...Object.fromEntries(KMS_OPERATIONS.map((each) => [each, 0])), GenerateDataKey: 6 },
      retries: 5,
      throttles: 1,
      coalesced: 0,
      failures: {
        throttled: 1,
        transient: 3,
        "key-unusable": 0,
        denied: 0,
        poison: 0,
        limit: 1,
        "circuit-open": 0,
        cancelled: 0,
      },
      dollars: expect.closeTo((6 * 0.03) / 10_000, 12),
    });
    const text = await metrics.render();
    expect(text).toContain('dekhand_kms_calls_total{region="eu-west-1",operation="GenerateDataKey",service="test"} 6');
    expect(text).toContain(
      'dekhand_kms_retries_total{region="eu-west-1",operation="GenerateDataKey",service="test"} 5',
    );
    expect(text).toMatch(/dekhand_kms_failures_total\{.*failure_class="transient".*\} 3/);
    expect(text).toMatch(/dekhand_kms_call_seconds_count\{.*\} 6/);
  });

  it.each([
    ["DisabledException", "KMS_KEY_UNUSABLE", true],
    ["KMSInvalidStateException", "KMS_KEY_UNUSABLE", true],
    ["AccessDeniedException", "KMS_DENIED", true],
    ["InvalidCiphertextException", "KMS_POISON", false],
    ["IncorrectKeyException", "KMS_POISON", false],
  ])("%s is told at once as %s", async (name, code, retryable) => {
    const server = await serve({ error: name });
    const { kms } = govern(server.url);
    const error = await failureOf(kms.decrypt({ keyArn, blob, context }));
    expect(error).toMatchObject({
      code,
      retryable,
      operation: "Decrypt",
      region,
      context: { reason: name, attempts: 1 },
    });
    expect(server.requests).toHaveLength(1);
  });

  it("says nothing of what was sent or answered, and neither does the log", async () => {
    const server = await serve({ error: "ThrottlingException" }, { error: "InvalidCiphertextException" });
    const { kms, lines } = govern(server.url);
    const error = await failureOf(kms.decrypt({ keyArn, blob, context }));
    const said = JSON.stringify(error) + error.message + lines.join("");
    expect(lines).toHaveLength(1);
    for (const secret of ["acme", "canary", blob.toString("base64")]) expect(said).not.toContain(secret);
  });

  it("of the connection is transient", async () => {
    const server = await startKmsServer(dataKey);
    await server[Symbol.asyncDispose]();
    const { kms } = govern(server.url, { backoff: { maxAttempts: 2 } });
    const error = await failureOf(kms.generateDataKey({ keyArn, context }));
    expect(error).toMatchObject({
      failureClass: "transient",
      retryable: true,
      context: { reason: "ECONNREFUSED", attempts: 2 },
    });
  });

  it("is given back as it is when the next attempt would come after the deadline", async () => {
    const server = await serve({ error: "ThrottlingException" });
    const { kms } = govern(server.url, { random: () => 0.5, backoff: { baseMs: 60_000, capMs: 60_000 } });
    const error = await failureOf(kms.generateDataKey({ keyArn, context }, { deadlineMs: 20_000 }));
    expect(error).toMatchObject({ code: "KMS_THROTTLED", context: { attempts: 1 } });
    expect(kms.meters().retries).toBe(0);
  });

  it("is followed by delays with full jitter, whose upper edge doubles up to the cap", async () => {
    const server = await serve(...Array<KmsAnswer>(6).fill({ error: "ThrottlingException" }), dataKey);
    const { kms } = govern(server.url, { random: () => 0.99, backoff: { baseMs: 1, capMs: 4 } });
    const timers = vi.spyOn(globalThis, "setTimeout");
    await kms.generateDataKey({ keyArn, context });
    const delays = timers.mock.calls.map(([, ms]) => ms).filter((ms) => ms !== undefined && ms < 5 && ms > 0);
    timers.mockRestore();
    expect(delays).toEqual([1, 2, 4, 4, 4, 4].map((edge) => edge * 0.99));
  });
});

describe("a cancellation", () => {
  it("before the call sends nothing", async () => {
    const server = await serve(dataKey);
    const { kms } = govern(server.url);
    const error = await failureOf(kms.generateDataKey({ keyArn, context }, { signal: AbortSignal.abort() }));
    expect(error).toMatchObject({ code: "KMS_CANCELLED", retryable: false, context: { attempts: 0 } });
    expect(await failureOf(kms.generateDataKey({ keyArn, context }, { deadlineMs: 0 }))).toMatchObject({
      code: "KMS_TRANSIENT",
    });
    expect(server.requests).toHaveLength(0);
  });

  it("within a delay ends the call at once, and no request follows", async () => {
    const server = await serve({ error: "ThrottlingException" }, dataKey);
    const caller = new AbortController();
    const { kms, metrics } = govern(server.url, { random: () => 0.9, backoff: { baseMs: 60_000, capMs: 60_000 } });
    const call = failureOf(kms.generateDataKey({ keyArn, context }, { signal: caller.signal, deadlineMs: 600_000 }));
    await eventually(() => expect(kms.meters().retries).toBe(1));
    caller.abort();
    expect(await call).toMatchObject({ code: "KMS_CANCELLED", context: { attempts: 1 } });
    expect(server.requests).toHaveLength(1);
    expect(await metrics.render()).toContain("dekhand_kms_retries_total");
  });

  it("and a deadline reach the socket", async () => {
    const server = await serve({ hang: true });
    const caller = new AbortController();
    const { kms } = govern(server.url);
    const call = failureOf(kms.decrypt({ keyArn, blob, context }, { signal: caller.signal }));
    await eventually(() => expect(server.requests).toHaveLength(1));
    caller.abort();
    expect(await call).toMatchObject({ code: "KMS_CANCELLED" });
    await eventually(() => expect(server.givenUp()).toBe(1));

    const late = await failureOf(kms.decrypt({ keyArn, blob, context }, { deadlineMs: 30 }));
    expect(late).toMatchObject({
      code: "KMS_TRANSIENT",
      retryable: true,
      context: { reason: "DeadlineExceeded", attempts: 1 },
    });
    await eventually(() => expect(server.givenUp()).toBe(2));
  });

  it("does not wait for credentials that never come", async () => {
    const caller = new AbortController();
    const asked = Promise.withResolvers<void>();
    const never = new Promise<never>(() => {});
    const client = new KMSClient({
      region,
      credentials: () => {
        asked.resolve();
        return never;
      },
    });
    stack.defer(() => client.destroy());
    const { kms } = govern("http://127.0.0.1:9", { client });
    const call = failureOf(kms.describeKey("alias/a", { signal: caller.signal }));
    await asked.promise;
    caller.abort();
    expect(await call).toMatchObject({ code: "KMS_CANCELLED" });
  });

  it("leaves nothing of an answer that comes too late", async () => {
    const server = await serve(dataKey);
    const caller = new AbortController();
    const { kms, client } = govern(server.url);
    const arrived = Promise.withResolvers<Uint8Array>();
    const release = Promise.withResolvers<void>();
    client.middlewareStack.add((next) => async (args) => {
      const result = await next(args);
      const { output } = result;
      if ("Plaintext" in output && output.Plaintext !== undefined) arrived.resolve(output.Plaintext);
      await release.promise;
      return result;
    });
    const call = failureOf(kms.generateDataKey({ keyArn, context }, { signal: caller.signal }));
    const plaintext = await arrived.promise;
    expect(Buffer.from(plaintext)).toEqual(key);
    caller.abort();
    expect(await call).toMatchObject({ code: "KMS_CANCELLED" });
    release.resolve();
    await eventually(() => expect(plaintext.every((byte) => byte === 0)).toBe(true));
  });

  it("costs no listener: a signal that many calls share stays clean", async () => {
    const server = await serve(dataKey);
    const { kms } = govern(server.url);
    const caller = new AbortController();
    const calls = Array.from({ length: 50 }, () => kms.generateDataKey({ keyArn, context }, { signal: caller.signal }));
    await Promise.all(calls);
    expect(getEventListeners(caller.signal, "abort")).toHaveLength(0);
  });
});
