import { createHash, createPublicKey, verify as verifyLocally } from "node:crypto";
import { GetPublicKeyCommand } from "@aws-sdk/client-kms";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type EmbeddedKms, startEmbeddedKms } from "./testing/embedded-kms.ts";
import { failureOf } from "./testing/sample-call.ts";

const message = Buffer.from("what was found");
const digest = createHash("sha256").update(message).digest();
let stack: AsyncDisposableStack;
let embedded: EmbeddedKms;

beforeEach(async () => {
  stack = new AsyncDisposableStack();
  embedded = await startEmbeddedKms(stack);
});

afterEach(() => stack.disposeAsync());

const noFailures = () => Object.values(embedded.kms.meters().failures).every((count) => count === 0);

describe.each([
  { spec: "ECC_NIST_P256", algorithm: "ECDSA_SHA_256" },
  { spec: "RSA_2048", algorithm: "RSASSA_PSS_SHA_256" },
] as const)("a signature by $algorithm", ({ spec, algorithm }) => {
  it("is the key's of that digest, which is no failure to find out otherwise", async () => {
    const { kms, createKey } = embedded;
    const keyArn = await createKey({ KeySpec: spec, KeyUsage: "SIGN_VERIFY" });
    const { signature } = await kms.sign({ keyArn, digest, algorithm });
    expect(await kms.verify({ keyArn, digest, algorithm, signature })).toBe(true);
    const other = createHash("sha256").update("other").digest();
    expect(await kms.verify({ keyArn, digest: other, algorithm, signature })).toBe(false);
    expect(await kms.verify({ keyArn, digest, algorithm, signature: signature.subarray(1) })).toBe(false);
    expect(noFailures()).toBe(true);
    expect(kms.meters()).toMatchObject({ calls: { Sign: 1, Verify: 3 }, retries: 0 });
    expect(kms.meters().dollars).toBeCloseTo((4 * 0.15) / 10_000, 9);
    expect(embedded.quota.status().map(({ quotaClass }) => quotaClass)).toEqual(["asymmetric"]);
  });
});

describe("a signature", () => {
  it("can be checked outside of KMS, with the public key, over the message", async () => {
    const { kms, client, createKey } = embedded;
    const keyArn = await createKey({ KeySpec: "ECC_NIST_P256", KeyUsage: "SIGN_VERIFY" });
    const { signature } = await kms.sign({ keyArn, digest, algorithm: "ECDSA_SHA_256" });
    const { PublicKey = new Uint8Array() } = await client.send(new GetPublicKeyCommand({ KeyId: keyArn }));
    const key = createPublicKey({ key: Buffer.from(PublicKey), type: "spki", format: "der" });
    expect(verifyLocally("sha256", message, key, signature)).toBe(true);
  });

  it("is refused for good where key, algorithm or digest do not fit", async () => {
    const { kms, createKey } = embedded;
    const keyArn = await createKey({ KeySpec: "ECC_NIST_P256", KeyUsage: "SIGN_VERIFY" });
    const encrypting = await createKey();
    for (const request of [
      { keyArn: encrypting, digest, algorithm: "ECDSA_SHA_256" },
      { keyArn, digest, algorithm: "RSASSA_PSS_SHA_256" },
      { keyArn, digest: message, algorithm: "ECDSA_SHA_256" },
    ] as const) {
      expect(await failureOf(kms.sign(request))).toMatchObject({ code: "KMS_POISON", operation: "Sign" });
    }
  });
});

describe("a MAC", () => {
  it("is the key's of that message, and counts with what encrypts", async () => {
    const { kms, createKey } = embedded;
    const keyArn = await createKey({ KeySpec: "HMAC_256", KeyUsage: "GENERATE_VERIFY_MAC" });
    const request = { keyArn, message, algorithm: "HMAC_SHA_256" } as const;
    const { mac } = await kms.generateMac(request);
    expect(mac).toHaveLength(32);
    expect(await kms.verifyMac({ ...request, mac })).toBe(true);
    expect(await kms.verifyMac({ ...request, mac: mac.subarray(1) })).toBe(false);
    expect(await kms.verifyMac({ ...request, message: digest, mac })).toBe(false);
    expect(noFailures()).toBe(true);
    expect(embedded.quota.status().map(({ quotaClass }) => quotaClass)).toEqual(["crypto"]);
  });
});
