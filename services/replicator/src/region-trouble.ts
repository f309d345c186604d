import type { ReplicateFailure } from "@dekhand/recovery";
import { ReplicatorError } from "./errors.ts";

/** What one item fails with that would fail all others as well. */
const regional: ReadonlySet<string> = new Set([
  "KMS_THROTTLED",
  "KMS_TRANSIENT",
  "KMS_CIRCUIT_OPEN",
  "STORE_THROTTLED",
  "STORE_UNAVAILABLE",
  "STORE_DENIED",
  "STORE_TABLE_MISSING",
]);

/** Throws REPLICATOR_UNPAID where a whole Region is in trouble rather than an item or a key. */
export function requireNoRegionTrouble(region: string, failures: readonly ReplicateFailure[]): void {
  const failure = failures.find(({ code }) => regional.has(code));
  if (!failure) return;
  throw new ReplicatorError("REPLICATOR_UNPAID", `copying to a replica Region fails with ${failure.code}`, {
    retryable: true,
    context: { region, reason: failure.code },
  });
}
