/** A deployment with tables and queues of its own, in a home and some replica Regions. */

import { randomBytes } from "node:crypto";
import { CreateQueueCommand, GetQueueAttributesCommand } from "@aws-sdk/client-sqs";
import { type AwsClients, createAwsClients } from "@dekhand/aws";
import { createClient } from "@dekhand/client";
import { createLogger, type DeploymentConfig, parseDeploymentConfig, type ReplicaStrategy } from "@dekhand/runtime";
import { createTables, openStores, type Stores, tableNames } from "@dekhand/store";
import { stringify } from "yaml";
import type { Place } from "./place.ts";
import { bridgeAlias, credentials, home, keyAlias, payloadBytes, profile, regionOf } from "./settings.ts";

export interface Deployment {
  readonly prefix: string;
  readonly config: DeploymentConfig;
  readonly configYaml: string;
  readonly stores: (region: string) => Stores;
  /** Puts encrypt jobs into the SQS queue, of so many tenants in turn; answers with the records' ids. */
  submit(name: string, records: { readonly count: number; readonly tenants: number }): Promise<readonly string[]>;
}

export interface DeploymentOptions {
  readonly prefix: string;
  /** Each in its own Region. */
  readonly strategies: readonly ReplicaStrategy[];
}

export async function openDeployment(
  stack: AsyncDisposableStack,
  { aws, dynamodb }: Place,
  { prefix, strategies }: DeploymentOptions,
): Promise<Deployment> {
  const regions = [home, ...strategies.map((strategy) => regionOf[strategy])];
  const endpoints = Object.fromEntries(
    regions.map((region) => {
      const url = aws.endpoints[region];
      return [region, { kms: url, sqs: url, dynamodb: dynamodb[region] }] as const;
    }),
  );
  const configYaml = yamlOf({ prefix, strategies, endpoints });
  const config = parseDeploymentConfig(configYaml, "the benchmark");
  const clients = createAwsClients({ regions, endpoints: config.endpoints, credentials });
  stack.defer(() => clients.destroy());
  await createQueues(clients, config.queues.encrypt);
  const stores = await openAll(clients, config);
  const client = createClient({ config, credentials });
  stack.defer(() => client.close());

  return {
    prefix,
    config,
    configYaml,
    stores,
    async submit(name, { count, tenants }) {
      const records = Array.from({ length: count }, (_, at) => ({
        recordId: `${name}-${at}`,
        profile,
        context: { tenant: `tenant-${at % tenants}` },
        payload: randomBytes(payloadBytes),
      }));
      const failed = (await client.submitAll(records)).find((outcome) => !outcome.ok);
      if (failed && !failed.ok) throw failed.error;
      return records.map(({ recordId }) => recordId);
    },
  };
}

function yamlOf({
  prefix,
  strategies,
  endpoints,
}: DeploymentOptions & { readonly endpoints: Readonly<Record<string, object>> }): string {
  const replicas = strategies.map((strategy) => {
    const bridge = strategy === "bridge" ? { bridge: bridgeAlias } : {};
    return [regionOf[strategy], { key: keyAlias, strategy, ...bridge }] as const;
  });
  return stringify({
    prefix,
    regions: Object.keys(endpoints),
    control: home,
    endpoints,
    profiles: {
      [profile]: {
        home,
        key: keyAlias,
        required: ["tenant"],
        dekScope: ["tenant"],
        reuse: { records: 1_000, bytes: "256MiB", age: "5m" },
        ...(replicas.length === 0 ? {} : { replicas: Object.fromEntries(replicas) }),
      },
    },
    queues: { encrypt: `${prefix}-encrypt`, rewrap: `${prefix}-rewrap` },
  });
}

async function createQueues(clients: AwsClients, name: string): Promise<void> {
  const { sqs } = clients.region(home);
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: `${name}-dlq` }));
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["QueueArn"] }));
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: Attributes?.QueueArn, maxReceiveCount: 10 });
  await sqs.send(new CreateQueueCommand({ QueueName: name, Attributes: { RedrivePolicy } }));
}

async function openAll(
  clients: AwsClients,
  { prefix, regions }: DeploymentConfig,
): Promise<(region: string) => Stores> {
  const logger = createLogger({ service: "bench", level: "silent" });
  const opened = new Map<string, Stores>();
  for (const region of regions) {
    const client = clients.region(region).dynamodb;
    await createTables(client, tableNames(prefix), { pollMs: 10 });
    opened.set(region, openStores({ client, prefix, logger }));
  }
  return (region) => {
    const found = opened.get(region);
    if (found === undefined) throw new RangeError(`the deployment has no Region ${region}`);
    return found;
  };
}
