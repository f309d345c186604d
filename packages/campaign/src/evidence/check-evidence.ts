/**
 * Whether a file is what `collectEvidence`, and `signEvidence`, once wrote.
 *
 * Members in another order and other white space are no change. That the
 * conclusions follow from the numbers is not checked: the hash covers both.
 */

import { evidenceHash, signedDigest } from "./integrity/evidence-hash.ts";
import { parseDocument } from "./integrity/parse-document.ts";
import { type Evidence, evidenceSchema } from "./schema/evidence-schema.ts";
import type { EvidenceSignature } from "./schema/integrity-part.ts";

/** Whether `value` is that key's signature, or MAC, of `digest`. Rejects where that cannot be told. */
export type VerifySignature = (signature: EvidenceSignature, digest: Uint8Array) => Promise<boolean>;

export interface CheckEvidenceOptions {
  /** Absent: a signature is not looked at. */
  readonly verify?: VerifySignature;
}

/**
 * - `verified`: it matches its hash; `signatureChecked`: and its signature. Whether `signature.keyArn` names a key to be
 *   trusted is for the reader to say: anybody can sign with a key of their own.
 * - `changed`: it does not match its hash.
 * - `unreadable`: it is no evidence, or not whole. `version-unknown`: it is, of a version that this release does not read.
 * - `signature-invalid`: it matches its hash, and its signature is not by the key that it names.
 */
export type CheckedEvidence =
  | { readonly kind: "verified"; readonly signed: false; readonly evidence: Evidence }
  | {
      readonly kind: "verified";
      readonly signed: true;
      readonly signature: EvidenceSignature;
      readonly signatureChecked: boolean;
      readonly evidence: Evidence;
    }
  | { readonly kind: "changed" | "unreadable" | "version-unknown" | "signature-invalid"; readonly reason: string };

/** Throws what `verify` throws, and nothing else. */
export async function checkEvidence(text: string, { verify }: CheckEvidenceOptions = {}): Promise<CheckedEvidence> {
  const parsed = parseDocument(text);
  if (parsed.kind !== "document") return parsed;
  const { document, integrity } = parsed;
  const hash = hashOf(document);
  if (hash !== integrity.sha256) {
    const reason = `it was changed after it had been written: its content has SHA-256 ${hash ?? "none"}, it says ${integrity.sha256}`;
    return { kind: "changed", reason };
  }
  const read = evidenceSchema.safeParse(document);
  if (!read.success) {
    const path = read.error.issues[0]?.path.join(".") || "the document";
    return { kind: "unreadable", reason: `${path} is not what version 1 of the format has there` };
  }
  const { signature, ...unsigned } = integrity;
  const evidence = read.data;
  if (!signature) return { kind: "verified", signed: false, evidence };
  if (!verify) return { kind: "verified", signed: true, signature, signatureChecked: false, evidence };
  if (await verify(signature, signedDigest(unsigned, signature))) {
    return { kind: "verified", signed: true, signature, signatureChecked: true, evidence };
  }
  const reason = `its ${signature.mac ? "MAC" : "signature"} was not made for it by the key ${signature.keyArn}`;
  return { kind: "signature-invalid", reason };
}

/** Undefined for what has no canonical form: text that is not well-formed Unicode. */
function hashOf(document: object): string | undefined {
  try {
    return evidenceHash(document);
  } catch {
    return undefined;
  }
}
