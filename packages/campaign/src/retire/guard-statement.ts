/** A statement for a key policy. */
export interface GuardStatement {
  readonly Sid: string;
  readonly Effect: "Deny";
  readonly Principal: { readonly AWS: "*" };
  readonly Action: readonly ["kms:DisableKey", "kms:ScheduleKeyDeletion"];
  readonly Resource: "*";
  readonly Condition: { readonly NumericLessThan: { readonly "kms:TrailingDaysWithoutKeyUsage": string } };
}

const dayMs = 86_400_000;

/**
 * Has KMS itself refuse to disable or delete the key until it was unused for as long as it soaks. The condition key exists
 * for these two actions only; KMS counts whole days since the last use, or since the key was created, rounded down.
 */
export function guardStatement(soakMs: number): GuardStatement {
  const days = Math.max(1, Math.floor(soakMs / dayMs));
  return {
    Sid: "KeepWhileRecentlyUsed",
    Effect: "Deny",
    Principal: { AWS: "*" },
    Action: ["kms:DisableKey", "kms:ScheduleKeyDeletion"],
    Resource: "*",
    Condition: { NumericLessThan: { "kms:TrailingDaysWithoutKeyUsage": String(days) } },
  };
}
