import type { QuotaStatus } from "./kms-quota.ts";

/** One line for the health report: `us-east-1 crypto: shared, 5000 of 5000 calls/s, 3 waiting`. */
export function describeQuota(quotas: readonly QuotaStatus[]): string {
  return quotas
    .map(({ region, quotaClass, mode, rate, share, waiting }) => {
      const count = Object.values(waiting).reduce((sum, each) => sum + each, 0);
      return `${region} ${quotaClass}: ${mode}, ${perSecond(rate)} of ${perSecond(share)} calls/s, ${count} waiting`;
    })
    .join("; ");
}

function perSecond(rate: number): string {
  return String(Number(rate.toPrecision(3)));
}
