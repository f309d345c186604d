import type { KeyDescription } from "../governor-types.ts";
import type { KmsCall } from "../kms-call.ts";
import type { QuotaClass } from "./account-quotas.ts";

/** Which quotas a call counts against. */
export interface QuotaClasses {
  of(call: Pick<KmsCall<unknown>, "operation" | "keyId">): readonly QuotaClass[];
  /** Remembers that a key lives in a custom key store. */
  learn(description: Pick<KeyDescription, "arn" | "keyStore">): void;
}

const describeKey: readonly QuotaClass[] = ["operation:DescribeKey"];
const crypto: readonly QuotaClass[] = ["crypto"];

/** A key counts as one of KMS's own store until a DescribeKey has told otherwise. */
export function createQuotaClasses(): QuotaClasses {
  const storeOf = new Map<string, string>();
  return {
    of({ operation, keyId }) {
      if (operation === "DescribeKey") return describeKey;
      const store = storeOf.get(keyId);
      // The key store's first: it is the narrower one, and a turn in the account's is not held meanwhile.
      return store === undefined ? crypto : [`key-store:${store}`, "crypto"];
    },
    learn({ arn, keyStore }) {
      if (keyStore === undefined) storeOf.delete(arn);
      else storeOf.set(arn, keyStore);
    },
  };
}
