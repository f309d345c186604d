/**
 * A profile in three Regions of the embedded AWS, with its records where a test
 * puts them: what replication brings about, without waiting for it.
 */

import { hash, randomUUID } from "node:crypto";
import { CreateAliasCommand, CreateKeyCommand, ReplicateKeyCommand } from "@aws-sdk/client-kms";
import { type AwsClients, createAwsClients } from "@dekhand/aws";
import { embeddedCredentials } from "@dekhand/cli";
import { type ClientOptions, createClient, type DekhandClient } from "@dekhand/client";
import { kmsContext } from "@dekhand/deks";
import { createDek, type Dek, newDekId, readHeader, seal } from "@dekhand/envelope";
import { createKmsGovernors, createKmsQuota, type KmsGovernor } from "@dekhand/kms";
import { type LocalAws, startLocalAws } from "@dekhand/local-aws";
import { createLogger, createMetrics, type DeploymentConfig, parseDeploymentConfig } from "@dekhand/runtime";
import { createTables, openStores, type StoredRecord, type Stores, tableNames, type Wrap } from "@dekhand/store";

export const home = "us-east-1";
/** Has a key that is related to the home's. */
export const related = "eu-west-1";
/** Has a key of its own. */
export const independent = "ap-southeast-2";
export const regions = [home, related, independent] as const;
export type Region = (typeof regions)[number];

const profile = "people";
const alias = `alias/${profile}`;

export interface ReplicaRegions extends AsyncDisposable {
  readonly aws: LocalAws;
  readonly config: DeploymentConfig;
  readonly configYaml: string;
  readonly stores: (region: Region) => Stores;
  /** The key in that Region. */
  readonly keyArn: (region: Region) => string;
  /** A DEK that is in every Region, with a wrap of that Region's own. */
  newDek(placing?: DekPlacing): Promise<Dek>;
  /** Stores a record; answers with its id, which is its payload too. */
  store(dek: Dek, placing?: RecordPlacing): Promise<string>;
  /** Closed with the Regions. */
  openClient(options?: Partial<ClientOptions>): DekhandClient;
  /** Calls that came to the Region since the last reset, of all services and operations unless one is named. */
  calls(region: Region, operation?: string): number;
}

export interface DekPlacing {
  /** Where its wraps are; the DEK itself is everywhere. Default: all. */
  readonly wraps?: readonly Region[];
  readonly tenant?: string;
  /** What becomes of a Region's wrap on its way. */
  readonly wrap?: (wrap: Wrap) => Wrap;
}

export interface RecordPlacing {
  readonly regions?: readonly Region[];
  readonly context?: Readonly<Record<string, string>>;
  /** What becomes of a Region's copy on its way; its digest is made to fit. */
  readonly envelope?: (envelope: Buffer, region: Region) => Buffer;
}

export const context = { tenant: "acme" } as const;

export async function startReplicaRegions(): Promise<ReplicaRegions> {
  await using starting = new AsyncDisposableStack();
  const aws = starting.use(await startLocalAws({ regions }));
  const configYaml = yamlFor(aws.endpoints);
  const config = parseDeploymentConfig(configYaml, "the test");
  const clients = createAwsClients({ regions, endpoints: config.endpoints, credentials: embeddedCredentials });
  starting.defer(() => clients.destroy());
  const logger = createLogger({ service: "test", level: "silent" });
  const metrics = createMetrics({ service: "test" });
  const quota = createKmsQuota({ config: config.quota, prefix: config.prefix, metrics, logger });
  const kms = createKmsGovernors({ clientFor: (region) => clients.region(region).kms, quota, metrics, logger });

  const keys = await createKeys(clients);
  const keyArn = (region: Region) => keys[region];
  const opened = new Map(
    regions.map((region) => {
      const client = clients.region(region).dynamodb;
      return [region, openStores({ client, prefix: config.prefix, logger })] as const;
    }),
  );
  const stores = (region: Region): Stores => {
    const found = opened.get(region);
    if (!found) throw new RangeError("a Region of the test");
    return found;
  };
  await Promise.all(
    regions.map((region) => createTables(clients.region(region).dynamodb, tableNames(config.prefix), { pollMs: 10 })),
  );

  const started = starting.move();
  return {
    aws,
    config,
    configYaml,
    stores,
    keyArn,
    async newDek({ wraps: where = regions, tenant = context.tenant, wrap: change = unchanged }: DekPlacing = {}) {
      const dekId = newDekId();
      const scope = kmsContext(dekId, profile, { tenant });
      const { dek, wraps } = await wrapEverywhere(dekId, scope, { kms, keyArn });
      const made = { dekId, profile, suite: 1, commitment: dek.commitment, context: scope, home, createdAt: now() };
      for (const region of regions) await stores(region).deks.putDekCopy({ ...made, status: "active" });
      for (const region of where) await stores(region).deks.putWrapCopy(dekId, change(wraps[region]), "absent");
      return dek;
    },
    async store(dek, placing: RecordPlacing = {}) {
      const { regions: where = regions, context: bound = context, envelope: change = unchanged } = placing;
      const recordId = `record-${randomUUID()}`;
      const binding = { recordId, context: bound, contentType: "text/plain", epoch: 1 };
      const sealed = seal(dek, Buffer.from(recordId), binding);
      for (const region of where) {
        const envelope = change(Buffer.from(sealed), region);
        const record: StoredRecord = {
          ...{ ...binding, envelope, dekId: dek.id, jobId: "job", size: recordId.length, createdAt: now() },
          sealId: readHeader(sealed).sealId,
          digest: hash("sha256", envelope, "hex"),
        };
        await stores(region).records.putCopy(record, "absent");
      }
      return recordId;
    },
    openClient(options = {}) {
      const client = createClient({ config, credentials: embeddedCredentials, ...options });
      started.defer(() => client.close());
      return client;
    },
    calls(region, operation) {
      const counts = Object.values(aws.control.callCounts()[region] ?? {}).flatMap((service) =>
        Object.entries(service),
      );
      return counts.reduce(
        (sum, [name, { calls }]) => sum + (operation === undefined || name === operation ? calls : 0),
        0,
      );
    },
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}

function yamlFor(endpoints: Readonly<Record<string, string>>): string {
  return `
prefix: dekhand
regions: [${regions.join(", ")}]
control: ${home}
endpoints:
${regions.map((region) => `  ${region}: ${endpoints[region]}`).join("\n")}
profiles:
  ${profile}:
    home: ${home}
    key: ${alias}
    required: [tenant]
    dekScope: [tenant]
    replicas:
      ${related}: { key: ${alias}, strategy: multi-region }
      ${independent}: { key: ${alias}, strategy: encrypt }
`;
}

async function createKeys(clients: AwsClients): Promise<Readonly<Record<Region, string>>> {
  const create = async (region: Region, input: { readonly MultiRegion?: boolean }) =>
    (await clients.region(region).kms.send(new CreateKeyCommand(input))).KeyMetadata?.Arn ?? "";
  const primary = await create(home, { MultiRegion: true });
  const replicate = new ReplicateKeyCommand({ KeyId: primary, ReplicaRegion: related });
  const replica = (await clients.region(home).kms.send(replicate)).ReplicaKeyMetadata?.Arn ?? "";
  const keys = { [home]: primary, [related]: replica, [independent]: await create(independent, {}) };
  for (const region of regions) {
    await clients.region(region).kms.send(new CreateAliasCommand({ AliasName: alias, TargetKeyId: keys[region] }));
  }
  return keys;
}

interface Wrapping {
  readonly kms: (region: string) => KmsGovernor;
  readonly keyArn: (region: Region) => string;
}

/** By each strategy in turn: the home's own, the same under the related key, and one of the independent key. */
async function wrapEverywhere(dekId: string, scope: Readonly<Record<string, string>>, { kms, keyArn }: Wrapping) {
  const { plaintext, blob } = await kms(home).generateDataKey({ keyArn: keyArn(home), context: scope });
  const encrypted = await kms(independent).encrypt({ keyArn: keyArn(independent), plaintext, context: scope });
  const wrap = (region: Region, bytes: Uint8Array): Wrap => ({
    ...{ region, keyArn: keyArn(region), blob: bytes, context: scope, wrappedAt: now() },
  });
  const wraps: Readonly<Record<Region, Wrap>> = {
    [home]: wrap(home, blob),
    [related]: wrap(related, blob),
    [independent]: wrap(independent, encrypted.blob),
  };
  return { dek: createDek(dekId, plaintext), wraps };
}

function unchanged<T>(same: T): T {
  return same;
}

function now(): string {
  return new Date().toISOString();
}
