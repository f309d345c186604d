/**
 * How many calls a second KMS allows an account in each Region, and how many of them are Dekhand's.
 *
 * The table is AWS's list of defaults, "Request quotas" in the KMS Developer Guide
 * (docs.aws.amazon.com/kms/latest/developerguide/requests-per-second.html), as of
 * November 2026. AWS changes quotas per account: `quota.regions` and `quota.source`
 * of the configuration come first.
 */
import type { QuotaConfig } from "@dekhand/runtime";

/**
 * What KMS counts together, in each account and Region:
 * - `crypto`: all cryptographic calls on symmetric and HMAC keys, also those that AWS services make for the account;
 * - `asymmetric`: signing and verifying. KMS counts RSA and elliptic curves apart; counting them together is stricter;
 * - `key-store:<id>`: those on the keys of one custom key store, which count in `crypto` too;
 * - `operation:<name>`: a control-plane operation, each by itself; the table lists those that Dekhand has use for.
 */
export type QuotaClass = "crypto" | "asymmetric" | `key-store:${string}` | OperationClass;

type OperationClass = keyof typeof operationQuotas;

/** Calls a second. */
const operationQuotas = {
  "operation:DescribeKey": 2_000,
  "operation:ListKeyRotations": 100,
  "operation:GetKeyLastUsage": 5,
  "operation:DisableKey": 5,
  "operation:ScheduleKeyDeletion": 15,
  "operation:ReplicateKey": 5,
  "operation:RotateKeyOnDemand": 5,
} as const;

/** Calls a second, for CloudHSM and external key stores alike. AWS raises it for external ones only. */
const KEY_STORE_QUOTA = 1_800;

const CRYPTO_QUOTA = 10_000;

/** Calls a second, for RSA keys and for elliptic curves each. */
const ASYMMETRIC_QUOTA = 1_000;

/** Where it is not CRYPTO_QUOTA; calls a second. */
const cryptoQuotas: ReadonlyMap<string, number> = new Map([
  ["us-east-1", 100_000],
  ["us-west-2", 100_000],
  ["eu-west-1", 100_000],
  ["us-east-2", 20_000],
  ["ap-northeast-1", 20_000],
  ["ap-southeast-1", 20_000],
  ["ap-southeast-2", 20_000],
  ["eu-central-1", 20_000],
  ["eu-west-2", 20_000],
]);

/** AWS's default in calls a second. A Region that the table does not know has what most have, the least. */
export function defaultQuota(region: string, quotaClass: QuotaClass): number {
  if (quotaClass === "crypto") return cryptoQuotas.get(region) ?? CRYPTO_QUOTA;
  if (quotaClass === "asymmetric") return ASYMMETRIC_QUOTA;
  return isOperation(quotaClass) ? operationQuotas[quotaClass] : KEY_STORE_QUOTA;
}

function isOperation(quotaClass: QuotaClass): quotaClass is OperationClass {
  return Object.hasOwn(operationQuotas, quotaClass);
}

/** The account's quota in calls a second, as far as it is known without asking: the configuration's number, else AWS's. */
export function configuredQuota(region: string, quotaClass: QuotaClass, config: QuotaConfig): number {
  const named = quotaClass === "crypto" ? config.regions[region] : undefined;
  return named ?? defaultQuota(region, quotaClass);
}

/** Of the classes that `callsPerSecond` says nothing about. */
const OTHER_PART = 0.5;

/**
 * Calls a second that Dekhand may make, all its processes together, of an account's quota in calls a second.
 *
 * `callsPerSecond` is about `crypto` only; of the other classes Dekhand then takes half. It is never more than the
 * account's quota: a rate above that would only be throttled, and production with it.
 */
export function shareOf(quotaClass: QuotaClass, accountQuota: number, { share }: QuotaConfig): number {
  if ("part" in share) return accountQuota * share.part;
  return quotaClass === "crypto" ? Math.min(share.callsPerSecond, accountQuota) : accountQuota * OTHER_PART;
}
