/** The embedded KMS in two Regions, where one alias may stand for a key of each. */

import {
  CreateAliasCommand,
  CreateKeyCommand,
  type CreateKeyCommandInput,
  ReplicateKeyCommand,
  RotateKeyOnDemandCommand,
} from "@aws-sdk/client-kms";
import { createAwsClients, type RegionClients } from "@dekhand/aws";
import { createKmsGovernors, createKmsQuota, type KmsGovernor } from "@dekhand/kms";
import { type LocalAws, startLocalAws } from "@dekhand/local-aws";
import { createLogger, createMetrics, type QuotaConfig } from "@dekhand/runtime";

export const home = "us-east-1";
export const away = "eu-west-1";

export interface TwoRegions extends AsyncDisposable {
  readonly aws: LocalAws;
  dynamodb(region: string): RegionClients["dynamodb"];
  kms(region: string): KmsGovernor;
  /** A key with that alias, where one is given; its ARN. */
  createKey(region: string, alias?: string, input?: CreateKeyCommandInput): Promise<string>;
  /** A multi-Region key with its primary at home and a replica away, with that alias in both, where one is given. */
  createRelatedKeys(alias?: string): Promise<RelatedKeys>;
  createAlias(region: string, alias: string, keyArn: string): Promise<void>;
  rotate(region: string, keyArn: string): Promise<void>;
}

export interface RelatedKeys {
  readonly atHome: string;
  readonly there: string;
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
  const createAlias = async (region: string, AliasName: string, TargetKeyId: string) => {
    await clients.region(region).kms.send(new CreateAliasCommand({ AliasName, TargetKeyId }));
  };
  const createKey: TwoRegions["createKey"] = async (region, alias, input = {}) => {
    const { KeyMetadata } = await clients.region(region).kms.send(new CreateKeyCommand(input));
    const arn = KeyMetadata?.Arn ?? "";
    if (alias !== undefined) await createAlias(region, alias, arn);
    return arn;
  };
  return {
    aws,
    kms,
    dynamodb: (region) => clients.region(region).dynamodb,
    createKey,
    createAlias,
    async createRelatedKeys(alias) {
      const atHome = await createKey(home, alias, { MultiRegion: true });
      await clients.region(home).kms.send(new ReplicateKeyCommand({ KeyId: atHome, ReplicaRegion: away }));
      const there = atHome.replace(`:${home}:`, `:${away}:`);
      if (alias !== undefined) await createAlias(away, alias, there);
      return { atHome, there };
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
