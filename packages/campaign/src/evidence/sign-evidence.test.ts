import { constants, createHash, createPublicKey, verify } from "node:crypto";
import {
  CreateAliasCommand,
  CreateKeyCommand,
  type CreateKeyCommandInput,
  GetPublicKeyCommand,
} from "@aws-sdk/client-kms";
import canonicalize from "canonicalize";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CampaignRegion, region, startCampaignRegion } from "../testing/campaign-region.ts";
import { checkEvidence } from "./check-evidence.ts";
import { collectEvidence } from "./collect-evidence.ts";
import type { Evidence } from "./schema/evidence-schema.ts";
import type { EvidenceSignature } from "./schema/integrity-part.ts";
import { type EvidenceVerifier, kmsVerifier, signEvidence } from "./sign-evidence.ts";
import { recordCampaign } from "./testing/record-campaign.ts";
import { finishedCampaign } from "./testing/sample-campaigns.ts";

const at = "2026-11-05T12:00:00.000Z";
const ecc = { KeySpec: "ECC_NIST_P256", KeyUsage: "SIGN_VERIFY" } as const;
const rsa = { KeySpec: "RSA_2048", KeyUsage: "SIGN_VERIFY" } as const;
const hmac = { KeySpec: "HMAC_256", KeyUsage: "GENERATE_VERIFY_MAC" } as const;

describe("a signature over evidence", () => {
  let home: CampaignRegion;
  let evidence: Evidence;
  beforeAll(async () => {
    home = await startCampaignRegion();
    const { campaigns } = await home.deployment();
    const software = { name: "dekhand", version: "1" };
    evidence = await collectEvidence(campaigns, await recordCampaign(campaigns, finishedCampaign), { software, at });
  });
  afterAll(() => home[Symbol.asyncDispose]());

  const makeKey = async (input: CreateKeyCommandInput): Promise<string> => {
    const { KeyMetadata } = await home.clients.kms.send(new CreateKeyCommand(input));
    return KeyMetadata?.Arn ?? "";
  };
  const check = (document: Evidence, kms: EvidenceVerifier = home.kms) =>
    checkEvidence(JSON.stringify(document), { verify: kmsVerifier(() => kms) });
  const withSignature = (signed: Evidence, change: Partial<EvidenceSignature>): Evidence => {
    const { signature, ...rest } = signed.integrity;
    if (!signature) throw new Error("it is not signed");
    return { ...signed, integrity: { ...rest, signature: { ...signature, ...change } } };
  };

  describe.each([
    ["ECC", ecc, "ECDSA_SHA_256"],
    ["RSA", rsa, "RSASSA_PSS_SHA_256"],
    ["HMAC", hmac, "HMAC_SHA_256"],
  ] as const)("by a key of kind %s", (_, input, algorithm) => {
    let key: string;
    let signed: Evidence;
    beforeAll(async () => {
      key = await makeKey(input);
      signed = await signEvidence(evidence, home.kms, { key, at });
    });

    it("is verified by KMS, and names key, algorithm and time", async () => {
      const mac = input === hmac;
      const about = { keyArn: key, algorithm, mac, signedAt: at };
      expect(await check(signed)).toMatchObject({
        kind: "verified",
        signed: true,
        signatureChecked: true,
        signature: about,
      });
      const { integrity, ...content } = signed;
      const { integrity: unsigned, ...before } = evidence;
      expect(content).toEqual(before);
      expect(integrity).toMatchObject(unsigned);
    });

    it("is not another key's of the same kind", async () => {
      const other = await makeKey(input);
      expect(await check(withSignature(signed, { keyArn: other }))).toMatchObject({
        kind: "signature-invalid",
        reason: expect.stringContaining(other),
      });
    });

    it("covers what is said about it: the time, too", async () => {
      const times = withSignature(signed, { signedAt: "2020-01-01T00:00:00.000Z" });
      expect((await check(times)).kind).toBe("signature-invalid");
      expect((await check(withSignature(signed, { mac: input !== hmac }))).kind).toBe("signature-invalid");
    });

    it("does not fit another document, nor one that was changed and hashed again", async () => {
      const software = { name: "dekhand", version: "2" };
      const { campaigns } = await home.deployment();
      const other = await collectEvidence(campaigns, await recordCampaign(campaigns, finishedCampaign), {
        software,
        at,
      });
      const { signature } = signed.integrity;
      if (!signature) throw new Error("it is not signed");
      const moved = { ...other, integrity: { ...other.integrity, signature } };
      expect((await check(moved)).kind).toBe("signature-invalid");
      expect((await check({ ...signed, collectedAt: "2020-01-01T00:00:00.000Z" })).kind).toBe("changed");
    });

    it("in another spelling, or of another algorithm, is invalid", async () => {
      const value = signed.integrity.signature?.value ?? "";
      const padded = Buffer.concat([Buffer.from(value, "base64"), Buffer.from([0])]).toString("base64");
      expect((await check(withSignature(signed, { value: padded }))).kind).toBe("signature-invalid");
      for (const one of ["ECDSA_SHA_256", "RSASSA_PSS_SHA_256", "HMAC_SHA_256"] as const) {
        if (one === algorithm) continue;
        const other = withSignature(signed, { algorithm: one, mac: one === "HMAC_SHA_256" });
        expect((await check(other)).kind).toBe("signature-invalid");
      }
    });

    it("is told to be there where nobody looks at it", async () => {
      expect(await checkEvidence(JSON.stringify(signed))).toMatchObject({
        kind: "verified",
        signed: true,
        signatureChecked: false,
      });
    });
  });

  it.each([
    ["ECC", ecc, {}],
    ["RSA", rsa, { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }],
  ] as const)(
    "by a key of kind %s is verified without KMS by whoever has the public key, as docs/evidence.md says",
    async (_, input, options) => {
      const key = await makeKey(input);
      const { integrity, ...content } = await signEvidence(evidence, home.kms, { key, at });
      expect(
        createHash("sha256")
          .update(canonicalize(content) ?? "")
          .digest("hex"),
      ).toBe(integrity.sha256);

      const { PublicKey } = await home.clients.kms.send(new GetPublicKeyCommand({ KeyId: key }));
      const publicKey = createPublicKey({ key: Buffer.from(PublicKey ?? []), type: "spki", format: "der" });
      const { value, ...about } = integrity.signature ?? { value: "" };
      const message = Buffer.from(canonicalize({ ...integrity, signature: about }) ?? "");
      expect(verify("sha256", message, { key: publicKey, ...options }, Buffer.from(value, "base64"))).toBe(true);
    },
  );

  it("is made by the key that an alias names, and names the key itself", async () => {
    const key = await makeKey(ecc);
    await home.clients.kms.send(new CreateAliasCommand({ AliasName: "alias/auditor", TargetKeyId: key }));
    const signed = await signEvidence(evidence, home.kms, { key: "alias/auditor", at });
    expect(signed.integrity.signature?.keyArn).toBe(key);
    expect((await check(signed)).kind).toBe("verified");
  });

  it("takes the place of one that was there", async () => {
    const [first, second] = [await makeKey(ecc), await makeKey(hmac)];
    const twice = await signEvidence(await signEvidence(evidence, home.kms, { key: first, at }), home.kms, {
      key: second,
      at,
    });
    expect(await check(twice)).toMatchObject({ kind: "verified", signature: { keyArn: second } });
  });

  it("is refused of a key that is none for signing, by its usage and spec", async () => {
    const key = await home.createKey();
    await expect(signEvidence(evidence, home.kms, { key, at })).rejects.toMatchObject({
      code: "CAMPAIGN_EVIDENCE_KEY_UNFIT",
      context: { key, usage: "ENCRYPT_DECRYPT", spec: "SYMMETRIC_DEFAULT" },
    });
  });

  it("that KMS cannot be asked about is neither verified nor refused", async () => {
    const signed = await signEvidence(evidence, home.kms, { key: await makeKey(ecc), at });
    const gone = `arn:aws:kms:${region}:000000000000:key/${crypto.randomUUID()}`;
    await expect(check(withSignature(signed, { keyArn: gone }))).rejects.toMatchObject({ code: "KMS_KEY_UNUSABLE" });
    const inEurope = withSignature(signed, { keyArn: gone.replace(region, "eu-west-1") });
    const asked: string[] = [];
    const verifier = kmsVerifier((name) => {
      asked.push(name);
      return { verify: async () => true, verifyMac: async () => false };
    });
    expect(await checkEvidence(JSON.stringify(inEurope), { verify: verifier })).toMatchObject({ kind: "verified" });
    expect(asked).toEqual(["eu-west-1"]);
    expect((await check(withSignature(signed, { keyArn: "alias/auditor" }))).kind).toBe("unreadable");
  });
});
