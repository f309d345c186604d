import { createHash } from "node:crypto";
import type { EncryptJobInput } from "@dekhand/jobs";

/** What was handed in, remembered as digests: enough to compare, whatever the size of the input. */
export interface LedgerEntry {
  readonly recordId: string;
  readonly context: Readonly<Record<string, string>>;
  readonly sha256: string;
}

export function ledgerEntry({ recordId, context = {}, payload }: EncryptJobInput): LedgerEntry {
  return { recordId, context, sha256: sha256(payload) };
}

export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
