import { CreateKeyCommand, type CreateKeyCommandInput, type KMSClient } from "@aws-sdk/client-kms";
import { type LocalAws, startLocalAws } from "@dekhand/local-aws";
import { createLogger, createMetrics, type Metrics } from "@dekhand/runtime";
import type { KmsGovernor } from "../governor-types.ts";
import { createKmsGovernor } from "../kms-governor.ts";
import type { KmsQuota } from "../quota/kms-quota.ts";
import { ampleQuota } from "./ample-quota.ts";
import { openKmsClient } from "./kms-client.ts";

export const region = "eu-west-1";
export const replicaRegion = "us-east-1";

export interface EmbeddedKms {
  readonly aws: LocalAws;
  readonly kms: KmsGovernor;
  readonly quota: KmsQuota;
  readonly metrics: Metrics;
  readonly client: KMSClient;
  /** Answers the key's ARN. */
  createKey(input?: CreateKeyCommandInput): Promise<string>;
}

/** The embedded KMS and its governor; `stack` closes both. */
export async function startEmbeddedKms(stack: AsyncDisposableStack): Promise<EmbeddedKms> {
  const aws = stack.use(await startLocalAws({ regions: [region, replicaRegion] }));
  const client = openKmsClient(stack, region, aws.endpoints[region] ?? "");
  const metrics = createMetrics({ service: "test" });
  const logger = createLogger({ service: "test", level: "silent" });
  const quota = ampleQuota();
  stack.defer(() => quota.close());
  const kms = createKmsGovernor({ region, client, quota, metrics, logger, random: () => 0, backoff: { capMs: 5 } });
  return {
    aws,
    kms,
    quota,
    metrics,
    client,
    async createKey(input = {}) {
      const { KeyMetadata } = await client.send(new CreateKeyCommand(input));
      if (KeyMetadata?.Arn === undefined) throw new Error("no key");
      return KeyMetadata.Arn;
    },
  };
}
