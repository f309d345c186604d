/** Two Regions for this package's tests: the embedded AWS, governors that give up early, and keys of every kind. */

import { CreateAliasCommand, CreateKeyCommand, type KMSClient, ReplicateKeyCommand } from "@aws-sdk/client-kms";
import { createAwsClients } from "@dekhand/aws";
import { createKmsGovernors, createKmsQuota, type KmsGovernor } from "@dekhand/kms";
import { type LocalAws, startLocalAws } from "@dekhand/local-aws";
import { createLogger, createMetrics, type Logger, type Metrics, type Profile, type Replica } from "@dekhand/runtime";
import { createTables, openStores, type Stores, tableNames } from "@dekhand/store";
import { ownShare, profileWith } from "./home-region.ts";

export const home = "us-east-1";
export const away = "eu-west-1";

export interface TwoRegions extends AsyncDisposable {
  readonly aws: LocalAws;
  readonly kms: (region: string) => KmsGovernor;
  readonly stores: (region: string) => Stores;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly client: (region: string) => KMSClient;
  createKey(region: string): Promise<string>;
  createAlias(region: string, alias: string, keyArn: string): Promise<void>;
  /** A multi-Region key with its primary at home: the ARNs there and in the other Region. */
  createRelatedKeys(): Promise<{ readonly atHome: string; readonly there: string }>;
}

export async function startTwoRegions(): Promise<TwoRegions> {
  const aws = await startLocalAws({ regions: [home, away] });
  const logger = createLogger({ service: "test", level: "silent" });
  const metrics = createMetrics({ service: "test" });
  const clients = createAwsClients({
    regions: [home, away],
    endpoints: Object.fromEntries(
      Object.entries(aws.endpoints).map(([name, url]) => [name, { kms: url, sqs: url, dynamodb: url }]),
    ),
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
  });
  const quota = createKmsQuota({ config: ownShare, prefix: "test", metrics, logger });
  const backoff = { baseMs: 1, capMs: 5, maxAttempts: 2 };
  const clientFor = (region: string) => clients.region(region).kms;
  const kms = createKmsGovernors({ clientFor, quota, metrics, logger, backoff });
  const stores = new Map<string, Stores>();
  for (const region of [home, away]) {
    const client = clients.region(region).dynamodb;
    await createTables(client, tableNames("test"), { pollMs: 10 });
    stores.set(region, openStores({ client, prefix: "test", logger }));
  }
  const create = async (region: string, MultiRegion: boolean) => {
    const { KeyMetadata } = await clientFor(region).send(new CreateKeyCommand({ MultiRegion }));
    if (KeyMetadata?.Arn === undefined) throw new TypeError("a created key has an ARN");
    return KeyMetadata.Arn;
  };
  return {
    aws,
    kms,
    logger,
    metrics,
    stores(region) {
      const found = stores.get(region);
      if (!found) throw new RangeError("there are two Regions");
      return found;
    },
    client: clientFor,
    createKey: (region) => create(region, false),
    async createAlias(region, AliasName, TargetKeyId) {
      await clientFor(region).send(new CreateAliasCommand({ AliasName, TargetKeyId }));
    },
    async createRelatedKeys() {
      const atHome = await create(home, true);
      await clientFor(home).send(new ReplicateKeyCommand({ KeyId: atHome, ReplicaRegion: away }));
      return { atHome, there: atHome.replace(`:${home}:`, `:${away}:`) };
    },
    async [Symbol.asyncDispose]() {
      clients.destroy();
      await aws.close();
    },
  };
}

/** A profile at home, with the other Region as its replica. */
export function profileIn(key: string, replica: Pick<Replica, "key"> & Partial<Replica>): Profile {
  const there: Replica = { region: away, retiring: [], strategy: "encrypt", recoveryPointMs: 60_000, ...replica };
  return profileWith(key, { replicas: { [away]: there } });
}
