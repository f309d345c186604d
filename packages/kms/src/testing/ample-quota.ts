import { createLogger, createMetrics, type QuotaConfig } from "@dekhand/runtime";
import { createKmsQuota, type KmsQuota } from "../quota/kms-quota.ts";

export const ampleQuotaConfig: QuotaConfig = {
  share: { callsPerSecond: 10_000_000 },
  reserve: 0,
  campaign: 1,
  floor: 1,
  workers: 1,
  source: "defaults",
  regions: { "eu-west-1": 10_000_000 },
};

/** A share that no test uses up, without Redis. */
export function ampleQuota(): KmsQuota {
  const logger = createLogger({ service: "test", level: "silent" });
  return createKmsQuota({
    config: ampleQuotaConfig,
    prefix: "test",
    metrics: createMetrics({ service: "test" }),
    logger,
  });
}
