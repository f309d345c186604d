import { createAwsClients } from "@dekhand/aws";
import { createKmsGovernor, createKmsQuota } from "@dekhand/kms";
import { createLogger, createMetrics, type QuotaConfig } from "@dekhand/runtime";
import { credentials } from "./plain-client.ts";
import type { ReEncryptor } from "./re-encryptor.ts";
import { accountQuota, context, region, share, type WorkerSettings, workers } from "./settings.ts";

/** The governor, with the quota that all workers share through Redis, as a campaign uses it. */
export function dekhand({ endpoint, redisUrl, prefix, sourceKeyArn, targetKeyArn }: WorkerSettings): ReEncryptor {
  const metrics = createMetrics({ service: "bench" });
  const logger = createLogger({ service: "bench", level: "warn", destination: process.stderr });
  const clients = createAwsClients({ regions: [region], endpoints: { [region]: { kms: endpoint } }, credentials });
  const quota = createKmsQuota({ config: wholeShareForCampaigns, redisUrl, prefix, metrics, logger });
  const kms = createKmsGovernor({ region, client: clients.region(region).kms, quota, metrics, logger });
  return {
    async reEncrypt(blob) {
      await kms.reEncrypt(
        { sourceKeyArn, blob, sourceContext: context, targetKeyArn, targetContext: context },
        { priority: "campaign", deadlineMs: 60_000 },
      );
    },
    async close() {
      quota.close();
      clients.destroy();
    },
  };
}

/** So that "the share" is the same number for the campaign and for the fleet. */
const wholeShareForCampaigns: QuotaConfig = {
  share: { callsPerSecond: share },
  reserve: 0,
  campaign: 1,
  floor: 0.05,
  workers,
  source: "defaults",
  regions: { [region]: accountQuota },
};
