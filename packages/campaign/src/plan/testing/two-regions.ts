/** The embedded KMS in two Regions, where one alias may stand for a key of each. */

import {
  CreateAliasCommand,
  CreateKeyCommand,
  type CreateKeyCommandInput,
  RotateKeyOnDemandCommand,
} from "@aws-sdk/client-kms";
import { createAwsClients } from "@dekhand/aws";
import { createKmsGovernors, createKmsQuota, type KmsGovernor } from "@dekhand/kms";
import { startLocalAws } from "@dekhand/local-aws";
import { createLogger, createMetrics, type QuotaConfig } from "@dekhand/runtime";

export const home = "us-east-1";
export const away = "eu-west-1";

export interface TwoRegions extends AsyncDisposable {
  kms(region: string): KmsGovernor;
  /** A key with that alias, where one is given; its ARN. */
  createKey(region: string, alias?: string, input?: CreateKeyCommandInput): Promise<string>;
  rotate(region: string, keyArn: string): Promise<void>;
}

export async function startTwoRegions(): Promise<TwoRegions> {
  const regions = [home, away];
  const aws = await startLocalAws({ regions });
  const logger = createLogger({ service: "test", level: "silent" });
  const metrics = createMetrics({ service: "test" });
  const endpoints = Object.fromEntries(
    Object.entries(aws.endpoints).map(([region, url]) => [region, { kms: url, sqs: url, dynamodb: url }]),
  );
  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  const clients = createAwsClients({ regions, endpoints, credentials });
  const quota = createKmsQuota({ config: ampleShare, prefix: "test", metrics, logger });
  const kms = createKmsGovernors({ clientFor: (region) => clients.region(region).kms, quota, metrics, logger });
  return {
    kms,
    async createKey(region, alias, input = {}) {
      const client = clients.region(region).kms;
      const { KeyMetadata } = await client.send(new CreateKeyCommand(input));
      const arn = KeyMetadata?.Arn ?? "";
      if (alias !== undefined) await client.send(new CreateAliasCommand({ AliasName: alias, TargetKeyId: arn }));
      return arn;
    },
    async rotate(region, keyArn) {
      await clients.region(region).kms.send(new RotateKeyOnDemandCommand({ KeyId: keyArn }));
    },
    async [Symbol.asyncDispose]() {
      quota.close();
      clients.destroy();
      await aws.close();
    },
  };
}

const ampleShare: QuotaConfig = {
  share: { callsPerSecond: 1_000_000 },
  reserve: 0,
  campaign: 1,
  floor: 1,
  workers: 1,
  source: "defaults",
  regions: { [home]: 1_000_000, [away]: 1_000_000 },
};
