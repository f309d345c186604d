/** One home Region for this package's tests: the embedded KMS and DynamoDB, and what stands on them. */

import { CreateKeyCommand } from "@aws-sdk/client-kms";
import { createAwsClients, type RegionClients } from "@dekhand/aws";
import { createKmsGovernor, createKmsQuota, type KmsGovernor } from "@dekhand/kms";
import { type LocalAws, startLocalAws } from "@dekhand/local-aws";
import {
  createLogger,
  createMetrics,
  type Logger,
  type Metrics,
  type Profile,
  type QuotaConfig,
} from "@dekhand/runtime";
import { createTables, openStores, type Stores, tableNames } from "@dekhand/store";

export const region = "us-east-1";

export interface HomeRegion extends AsyncDisposable {
  readonly aws: LocalAws;
  readonly clients: RegionClients;
  readonly kms: KmsGovernor;
  readonly stores: Stores;
  readonly logger: Logger;
  readonly metrics: Metrics;
  createKey(): Promise<string>;
  calls(operation: string): number;
}

export async function startHomeRegion(): Promise<HomeRegion> {
  const aws = await startLocalAws({ regions: [region] });
  const logger = createLogger({ service: "test", level: "silent" });
  const metrics = createMetrics({ service: "test" });
  const all = createAwsClients({
    regions: [region],
    endpoints: Object.fromEntries(
      Object.entries(aws.endpoints).map(([name, url]) => [name, { kms: url, sqs: url, dynamodb: url }]),
    ),
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
  });
  const clients = all.region(region);
  const client = clients.dynamodb;
  const quota = createKmsQuota({ config: ownShare, prefix: "test", metrics, logger });
  await createTables(client, tableNames("test"));
  return {
    aws,
    clients,
    logger,
    metrics,
    kms: createKmsGovernor({ region, client: clients.kms, quota, metrics, logger, backoff: { baseMs: 5, capMs: 50 } }),
    stores: openStores({ client, prefix: "test", logger }),
    async createKey() {
      const { KeyMetadata } = await clients.kms.send(new CreateKeyCommand({}));
      if (KeyMetadata?.Arn === undefined) throw new TypeError("a created key has an ARN");
      return KeyMetadata.Arn;
    },
    calls: (operation) => aws.control.callCounts()[region]?.kms[operation]?.calls ?? 0,
    async [Symbol.asyncDispose]() {
      all.destroy();
      await aws.close();
    },
  };
}

/** All of the account's quota is this one process's. */
export const ownShare: QuotaConfig = {
  share: { part: 1 },
  reserve: 0,
  campaign: 1,
  floor: 1,
  workers: 1,
  source: "defaults",
  regions: {},
};

export function profileWith(key: string, changes: Partial<Profile> = {}): Profile {
  return {
    name: "people",
    home: region,
    key,
    retiring: [],
    required: ["tenant"],
    dekScope: ["tenant"],
    reuse: { records: 1_000, bytes: 1_000_000, ageMs: 60_000 },
    replicas: {},
    ...changes,
  };
}
