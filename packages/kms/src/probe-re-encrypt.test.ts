import { DisableKeyCommand } from "@aws-sdk/client-kms";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type EmbeddedKms, startEmbeddedKms } from "./testing/embedded-kms.ts";
import { failureOf } from "./testing/sample-call.ts";
import { scriptedGovernor } from "./testing/scripted-governor.ts";

const context = { tenant: "acme" };
let stack: AsyncDisposableStack;
let embedded: EmbeddedKms;
let [source, target] = ["", ""];

beforeEach(async () => {
  stack = new AsyncDisposableStack();
  embedded = await startEmbeddedKms(stack);
  [source, target] = [await embedded.createKey(), await embedded.createKey()];
});

afterEach(() => stack.disposeAsync());

async function wrapped(): Promise<Uint8Array> {
  const { blob } = await embedded.kms.generateDataKey({ keyArn: source, context });
  return blob;
}

const request = (part: { readonly blob?: Uint8Array; readonly [member: string]: unknown } = {}) => ({
  sourceKeyArn: source,
  sourceContext: context,
  targetKeyArn: target,
  targetContext: context,
  ...part,
});

describe("a probe of ReEncrypt", () => {
  it("passes where the call would succeed, moves nothing and is no use of the target", async () => {
    await embedded.kms.probeReEncrypt(request({ blob: await wrapped() }));
    await embedded.kms.probeReEncrypt(request());
    expect(await embedded.kms.keyLastUsage(target)).not.toHaveProperty("usedAt");
  });

  it("fails as the call would: by context, key, integrity and key state", async () => {
    const blob = await wrapped();
    const damaged = Uint8Array.from(blob, (byte, at) => (at === blob.length - 1 ? byte ^ 1 : byte));
    const failures = [
      { blob, sourceContext: { tenant: "other" } },
      { blob, sourceKeyArn: target },
      { blob: damaged },
      { blob, targetKeyArn: target.replace(/[0-9a-f]{12}$/, "0".repeat(12)) },
    ];
    const reasons = [];
    for (const part of failures) {
      const error = await failureOf(embedded.kms.probeReEncrypt(request(part)));
      reasons.push([error.code, error.operation, error.context.reason]);
    }
    expect(reasons).toEqual([
      ["KMS_POISON", "ReEncrypt", "InvalidCiphertextException"],
      ["KMS_POISON", "ReEncrypt", "IncorrectKeyException"],
      ["KMS_POISON", "ReEncrypt", "InvalidCiphertextException"],
      ["KMS_KEY_UNUSABLE", "ReEncrypt", "NotFoundException"],
    ]);
    await embedded.client.send(new DisableKeyCommand({ KeyId: target }));
    for (const part of [{ blob }, {}]) {
      const error = await failureOf(embedded.kms.probeReEncrypt(request(part)));
      expect(error).toMatchObject({ code: "KMS_KEY_UNUSABLE", context: { reason: "DisabledException" } });
    }
  });

  it("counts and costs as a ReEncrypt, and passing is no failure, to nobody who counts them", async () => {
    const { kms, metrics } = embedded;
    const blob = await wrapped();
    const before = kms.meters();
    const budget = kms.status().retryBudget;
    for (let probe = 0; probe < 30; probe += 1) await kms.probeReEncrypt(request({ blob }), { priority: "campaign" });
    expect(kms.meters()).toMatchObject({ calls: { ReEncrypt: 30 }, retries: 0, failures: before.failures });
    expect(kms.meters().dollars - before.dollars).toBeCloseTo((30 * 0.03) / 10_000, 9);
    expect(kms.status()).toMatchObject({ breaker: { state: "closed", failures: 0 }, retryBudget: budget });
    expect(await metrics.render()).not.toMatch(/kms_failures_total\{.*ReEncrypt/);
  });

  it("asks for a dry run and nothing else, by the ciphertext or without one", async () => {
    const dryRun = { error: "DryRunOperationException" };
    const { kms, server } = await scriptedGovernor(stack, dryRun, { output: { CiphertextBlob: "bmV3" } });
    await kms.probeReEncrypt(request({ blob: Buffer.from("old"), targetContext: {} }));
    // This endpoint knows no dry runs, and answers.
    expect(await kms.probeReEncrypt(request())).toBeUndefined();
    const asked = { SourceKeyId: source, SourceEncryptionContext: context, DestinationKeyId: target, DryRun: true };
    expect(server.requests.map(({ input }) => input)).toEqual([
      { ...asked, DestinationEncryptionContext: {}, CiphertextBlob: Buffer.from("old").toString("base64") },
      { ...asked, DestinationEncryptionContext: context, DryRunModifiers: ["IGNORE_CIPHERTEXT"] },
    ]);
  });
});
