import { isKeyTrouble } from "@dekhand/deks";
import { DekhandError } from "@dekhand/errors";

/**
 * What a failure in one Region means for the read.
 * - `incomplete`: the record is there, and its DEK or the Region's wrap of it is not: a copy that has not arrived, or was lost.
 * - `damaged`: what is there cannot be opened, however often it is tried.
 * - `busy`: the Region is there, and does not serve this read: throttled, or the key is disabled or denied.
 * - `bad`: the Region cannot be reached, does not answer in time, or fails.
 */
export type Trouble = "incomplete" | "damaged" | "busy" | "bad";

/** The client is closed, or the caller asks for what no Region can have. */
const endsTheRead: ReadonlySet<string> = new Set([
  "AWS_CLIENTS_DESTROYED",
  "AWS_REGION_NOT_CONFIGURED",
  "DEKS_CLOSED",
  "ENVELOPE_DEK_DISPOSED",
  "KMS_CANCELLED",
  "STORE_VALUE_INVALID",
]);

const busy: ReadonlySet<string> = new Set(["KMS_LIMIT", "KMS_THROTTLED", "STORE_CONTENDED", "STORE_THROTTLED"]);

/** Undefined where another Region would not help: the error is the read's own. */
export function judgeTrouble(error: unknown): { readonly kind: Trouble; readonly error: DekhandError } | undefined {
  if (!(error instanceof DekhandError) || endsTheRead.has(error.code)) return undefined;
  return { kind: kindOf(error), error };
}

function kindOf(error: DekhandError): Trouble {
  if (error.code === "DEKS_NOT_FOUND") return "incomplete";
  if (!error.retryable) return "damaged";
  return busy.has(error.code) || isKeyTrouble(error) ? "busy" : "bad";
}
