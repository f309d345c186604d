/** A deployment whose control Region is the replica's, as that Region's own services see it: the home may be cut off. */

import { CreateKeyCommand } from "@aws-sdk/client-kms";
import { CreateQueueCommand, GetQueueAttributesCommand, type SQSClient } from "@aws-sdk/client-sqs";
import { createAwsClients } from "@dekhand/aws";
import { createClient, type DekhandClient } from "@dekhand/client";
import { type LocalAws, startLocalAws } from "@dekhand/local-aws";
import { createLogger, createMetrics, type DeploymentConfig, toDeploymentConfig } from "@dekhand/runtime";
import { createTables, openStores, type Stores, tableNames } from "@dekhand/store";
import { type AssembledEncryptor, assembleEncryptor } from "../assemble.ts";

export const home = "us-east-1";
export const away = "eu-west-1";
const prefix = "test";
const credentials = { accessKeyId: "local", secretAccessKey: "local" };

export interface ReplicaDeployment extends AsyncDisposable {
  readonly aws: LocalAws;
  readonly config: DeploymentConfig;
  /** The key of each Region. */
  readonly keys: Readonly<Record<typeof home | typeof away, string>>;
  readonly stores: (region: string) => Stores;
  readonly client: DekhandClient;
  encryptor(): AssembledEncryptor;
}

export async function startReplicaDeployment(profiles: readonly string[]): Promise<ReplicaDeployment> {
  await using starting = new AsyncDisposableStack();
  const regions = [home, away];
  const aws = starting.use(await startLocalAws({ regions }));
  const endpoints = Object.fromEntries(
    Object.entries(aws.endpoints).map(([name, url]) => [name, { kms: url, sqs: url, dynamodb: url }]),
  );
  const clients = createAwsClients({ regions, endpoints, credentials });
  starting.defer(() => clients.destroy());
  const silent = createLogger({ service: "test", level: "silent" });
  const createKey = async (region: string) =>
    (await clients.region(region).kms.send(new CreateKeyCommand({}))).KeyMetadata?.Arn ?? "";
  const keys = { [home]: await createKey(home), [away]: await createKey(away) };
  const stores = new Map<string, Stores>();
  for (const region of regions) {
    const { dynamodb: client } = clients.region(region);
    await createTables(client, tableNames(prefix), { pollMs: 10 });
    stores.set(region, openStores({ client, prefix, logger: silent }));
  }
  const profile = { home, key: keys[home], replicas: { [away]: { key: keys[away], strategy: "encrypt" } } };
  const written = {
    ...{ prefix, regions, control: away, endpoints },
    profiles: Object.fromEntries(profiles.map((name) => [name, profile])),
  };
  const config = toDeploymentConfig(written, "test");
  await createQueue(clients.region(away).sqs, config.queues.encrypt);
  const client = createClient({ config, credentials });
  starting.defer(() => client.close());
  const started = starting.move();
  return {
    aws,
    config,
    keys,
    client,
    stores: (region) => stores.get(region) ?? unknownRegion(),
    encryptor: () =>
      assembleEncryptor({
        ...{ config, credentials, logger: silent, metrics: createMetrics({ service: "test" }) },
        ...{ workerId: "w1", version: "0", concurrency: 16, homesRefreshMs: 50 },
      }),
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}

async function createQueue(sqs: SQSClient, name: string): Promise<void> {
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: `${name}-dead` }));
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["QueueArn"] }));
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: Attributes?.QueueArn, maxReceiveCount: 5 });
  await sqs.send(new CreateQueueCommand({ QueueName: name, Attributes: { RedrivePolicy } }));
}

function unknownRegion(): never {
  throw new RangeError("there are two Regions");
}
