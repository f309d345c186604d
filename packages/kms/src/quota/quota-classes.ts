import type { KmsOperation } from "../errors.ts";
import type { KeyDescription } from "../key-description.ts";
import type { KmsCall } from "../kms-call.ts";
import type { QuotaClass } from "./account-quotas.ts";

/** Which quotas a call counts against. */
export interface QuotaClasses {
  of(call: Pick<KmsCall<unknown>, "operation" | "keyId">): readonly QuotaClass[];
  /** Remembers that a key lives in a custom key store. */
  learn(description: Pick<KeyDescription, "arn" | "keyStore">): void;
}

const crypto: readonly QuotaClass[] = ["crypto"];
const asymmetric: readonly QuotaClass[] = ["asymmetric"];

/** Of the operations that do not count as cryptographic ones on symmetric keys. */
const classesOf: Readonly<Partial<Record<KmsOperation, readonly QuotaClass[]>>> = {
  DescribeKey: ["operation:DescribeKey"],
  ListKeyRotations: ["operation:ListKeyRotations"],
  GetKeyLastUsage: ["operation:GetKeyLastUsage"],
  DisableKey: ["operation:DisableKey"],
  ScheduleKeyDeletion: ["operation:ScheduleKeyDeletion"],
  Sign: asymmetric,
  Verify: asymmetric,
};

/** A key counts as one of KMS's own store until a DescribeKey has told otherwise. */
export function createQuotaClasses(): QuotaClasses {
  const storeOf = new Map<string, string>();
  return {
    of({ operation, keyId }) {
      const own = classesOf[operation];
      if (own !== undefined) return own;
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
