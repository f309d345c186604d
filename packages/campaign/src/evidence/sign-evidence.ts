/**
 * A signature, or MAC, over evidence, by a KMS key that is not one of the
 * campaign's: a change shows even where who made it can hash the file again.
 */

import { type CallOptions, type KeyDescription, KmsError, type KmsGovernor } from "@dekhand/kms";
import { keyReferenceRegion } from "@dekhand/runtime";
import { CampaignError } from "../errors.ts";
import type { VerifySignature } from "./check-evidence.ts";
import { signedDigest } from "./integrity/evidence-hash.ts";
import type { Evidence } from "./schema/evidence-schema.ts";
import type { EvidenceSignature, SignatureAlgorithm } from "./schema/integrity-part.ts";

export type EvidenceSigner = Pick<KmsGovernor, "describeKey" | "sign" | "generateMac">;
export type EvidenceVerifier = Pick<KmsGovernor, "verify" | "verifyMac">;

export interface SignEvidenceOptions extends CallOptions {
  /** Key id, ARN or alias, in the governor's Region. */
  readonly key: string;
  /** ISO 8601. Stands in the signature and is covered by it. */
  readonly at: string;
}

/**
 * The same evidence with a signature in the place of any that it had. Throws CAMPAIGN_EVIDENCE_KEY_UNFIT for a key that
 * is none for signing or MACs, or of a spec other than ECC_NIST_P256, RSA and HMAC_256; and KmsErrors.
 */
export async function signEvidence(
  evidence: Evidence,
  kms: EvidenceSigner,
  { key, at, ...options }: SignEvidenceOptions,
): Promise<Evidence> {
  const description = await kms.describeKey(key, options);
  const algorithm = algorithmFor(description);
  const keyArn = description.arn;
  const unsigned = { canonicalization: evidence.integrity.canonicalization, sha256: evidence.integrity.sha256 };
  const about = { keyArn, algorithm, mac: algorithm === "HMAC_SHA_256", signedAt: at };
  const digest = signedDigest(unsigned, about);
  const bytes =
    algorithm === "HMAC_SHA_256"
      ? (await kms.generateMac({ keyArn, message: digest, algorithm }, options)).mac
      : (await kms.sign({ keyArn, digest, algorithm }, options)).signature;
  const signature: EvidenceSignature = { ...about, value: Buffer.from(bytes).toString("base64") };
  return { ...evidence, integrity: { ...unsigned, signature } };
}

/**
 * For `checkEvidence`: asks KMS, in the Region that the key's ARN names. Rejects where that cannot be told: with KmsErrors
 * but those that say that the key could not have made it, and with what `kms` throws for a Region.
 */
export function kmsVerifier(kms: (region: string) => EvidenceVerifier, options: CallOptions = {}): VerifySignature {
  return async ({ keyArn, algorithm, mac, value }, digest) => {
    const bytes = Buffer.from(value, "base64");
    const region = keyReferenceRegion(keyArn);
    // One signature has one spelling: what differs was changed.
    if (region === undefined || bytes.toString("base64") !== value || mac !== (algorithm === "HMAC_SHA_256"))
      return false;
    try {
      return algorithm === "HMAC_SHA_256"
        ? await kms(region).verifyMac({ keyArn, message: digest, algorithm, mac: bytes }, options)
        : await kms(region).verify({ keyArn, digest, algorithm, signature: bytes }, options);
    } catch (error) {
      if (error instanceof KmsError && error.failureClass === "poison") return false;
      throw error;
    }
  };
}

function algorithmFor({ usage, spec, arn }: KeyDescription): SignatureAlgorithm {
  if (usage === "SIGN_VERIFY" && spec === "ECC_NIST_P256") return "ECDSA_SHA_256";
  if (usage === "SIGN_VERIFY" && spec.startsWith("RSA_")) return "RSASSA_PSS_SHA_256";
  if (usage === "GENERATE_VERIFY_MAC" && spec === "HMAC_256") return "HMAC_SHA_256";
  const message = `the key cannot sign evidence: its usage is ${usage}, its spec ${spec}; it takes SIGN_VERIFY with ECC_NIST_P256 or RSA, or GENERATE_VERIFY_MAC with HMAC_256`;
  throw new CampaignError("CAMPAIGN_EVIDENCE_KEY_UNFIT", message, { context: { key: arn, usage, spec } });
}
