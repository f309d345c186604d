/**
 * What makes a change show: SHA-256 over the canonical JSON (RFC 8785) of a
 * document. A hash alone shows accidental change only, since whoever changes the
 * document can hash it again; a signature is over a digest that covers the hash
 * and everything that is said about the signature itself.
 */

import { createHash } from "node:crypto";
import canonicalize from "canonicalize";
import type { Evidence, EvidenceContent } from "../schema/evidence-schema.ts";
import type { EvidenceSignature, Integrity } from "../schema/integrity-part.ts";

/** The document with its hash, unsigned. */
export function sealEvidence(content: EvidenceContent): Evidence {
  return { ...content, integrity: { canonicalization: "RFC 8785", sha256: evidenceHash(content) } };
}

/** In hex. Whatever `integrity` says is left out. */
export function evidenceHash(document: object): string {
  const content = Object.fromEntries(Object.entries(document).filter(([name]) => name !== "integrity"));
  return sha256(content).toString("hex");
}

/** 32 bytes: what is signed. Of the signature, all but its value is covered. */
export function signedDigest(
  integrity: Omit<Integrity, "signature">,
  { keyArn, algorithm, mac, signedAt }: Omit<EvidenceSignature, "value">,
): Uint8Array {
  return sha256({ ...integrity, signature: { keyArn, algorithm, mac, signedAt } });
}

function sha256(value: object): Buffer {
  return createHash("sha256")
    .update(canonicalize(value) ?? "")
    .digest();
}
