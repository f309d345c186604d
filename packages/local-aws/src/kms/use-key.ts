/** What all cryptographic operations have in common: the key they name, the dry run, and the use that is remembered. */
import { randomUUID } from "node:crypto";
import { AwsFault, type JsonObject } from "../service.ts";
import { readFlag, readList } from "./input.ts";
import { KEY_SPECS, type KeyUse, type RegionalKey } from "./key-model.ts";
import { requireState } from "./key-state.ts";
import type { KmsCall } from "./operation.ts";
import { resolveKey } from "./resolve-key.ts";

/** Throws NotFoundException, DisabledException, KMSInvalidStateException or InvalidKeyUsageException. */
export function usableKey({ store, region }: KmsCall, name: string, use: KeyUse): RegionalKey {
  return requireUsable(resolveKey(store, region, name), use, store.now());
}

export function requireUsable(key: RegionalKey, use: KeyUse, now: number): RegionalKey {
  requireState(key, "use", now);
  if (KEY_SPECS[key.family.spec].usage !== use) {
    throw new AwsFault("InvalidKeyUsageException", `${key.arn} key usage is not valid for this operation.`);
  }
  return key;
}

/** A dry run that gets here would have succeeded. */
export function answerDryRun(input: JsonObject): void {
  // There are no grants here, so that no token can be a grant's.
  if (readList(input, "GrantTokens").length > 0) {
    throw new AwsFault("InvalidGrantTokenException", "The grant token is not valid.");
  }
  if (readFlag(input, "DryRun")) throw dryRunPassed();
}

export function dryRunPassed(): AwsFault {
  return new AwsFault(
    "DryRunOperationException",
    "The request would have succeeded, but the DryRun parameter was specified.",
  );
}

/** For GetKeyLastUsage, which counts what succeeded and was no dry run. */
export function used({ store, requestId }: KmsCall, key: RegionalKey, operation: string): void {
  key.lastUsage = { operation, at: store.now(), requestId, eventId: randomUUID() };
}
