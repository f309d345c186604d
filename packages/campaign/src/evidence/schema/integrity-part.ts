import { z } from "zod";
import { shape, time } from "./fields.ts";

export const SIGNATURE_ALGORITHMS = ["ECDSA_SHA_256", "RSASSA_PSS_SHA_256", "HMAC_SHA_256"] as const;

/** KMS's names. */
export type SignatureAlgorithm = (typeof SIGNATURE_ALGORITHMS)[number];

const signature = shape({
  keyArn: z.string().regex(/^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key\/[A-Za-z0-9-]+$/),
  algorithm: z.enum(SIGNATURE_ALGORITHMS),
  /** A MAC: who can check it could have made it. */
  mac: z.boolean(),
  /** By the clock of who signed. */
  signedAt: time,
  value: z.base64().min(1),
});

export const integrityPart = shape({
  canonicalization: z.literal("RFC 8785"),
  /** Of the canonical JSON of everything but `integrity`, in hex. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  signature: signature.exactOptional(),
});

export type Integrity = z.infer<typeof integrityPart>;
export type EvidenceSignature = z.infer<typeof signature>;
