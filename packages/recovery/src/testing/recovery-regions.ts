/** Four Regions for this package's tests: a home, and a replica Region for each strategy. */

import { randomUUID } from "node:crypto";
import { CreateKeyCommand, type KMSClient, ReplicateKeyCommand } from "@aws-sdk/client-kms";
import { type AwsClients, createAwsClients, type RegionClients } from "@dekhand/aws";
import {
  createBridgeKeys,
  createDecryptDeks,
  createEncryptDeks,
  createKeyDirectory,
  createReplicaWraps,
  type EncryptDeksDeps,
  type KeyDirectory,
} from "@dekhand/deks";
import { open, readHeader, seal } from "@dekhand/envelope";
import { createKmsGovernors, createKmsQuota, type KmsGovernor } from "@dekhand/kms";
import { type LocalAws, startLocalAws } from "@dekhand/local-aws";
import { createLogger, createMetrics, type Profile, type QuotaConfig, type Replica } from "@dekhand/runtime";
import {
  type CallOptions,
  createTables,
  openStores,
  type RecordWrite,
  type Stores,
  type TableNames,
  tableNames,
} from "@dekhand/store";
import { replicateBatch } from "../replicate/replicate-batch.ts";
import type { RegionParts, ReplicateDeps, ReplicateRequest, ReplicateResult } from "../replicate/replicate-types.ts";

export const home = "us-east-1";
/** By a copy under a related multi-Region key. */
export const related = "eu-west-1";
/** With a key of its own, by Encrypt. */
export const apart = "ap-southeast-2";
/** With a key of its own, over a bridge. */
export const bridged = "ca-central-1";
export const regions = [home, related, apart, bridged];

export interface RecoveryRegions extends AsyncDisposable {
  readonly aws: LocalAws;
  readonly kmsClient: (region: string) => KMSClient;
  readonly dynamodb: (region: string) => RegionClients["dynamodb"];
  readonly kms: (region: string) => KmsGovernor;
  /** A deployment with empty tables of its own; `birthWraps`: what births make for replica Regions is made. */
  deployment(options?: { readonly birthWraps?: boolean }): Promise<RecoveryDeployment>;
  /** Calls to KMS that use a key, since the last reset. */
  cryptographicCalls(): number;
}

export interface RecoveryDeployment {
  readonly profile: Profile;
  /** The same names in each Region. */
  readonly tables: TableNames;
  readonly keys: KeyDirectory;
  readonly stores: (region: string) => Stores;
  readonly parts: (region: string) => RegionParts;
  /** Seals a record at home and stores it; answers it. A scope of its own gives it a DEK of its own. */
  write(
    changes?: Partial<Pick<RecordWrite, "recordId" | "jobId" | "revision" | "epoch">> & Written,
  ): Promise<RecordWrite>;
  /** What a copy to the Region is asked with. */
  replicate(
    request: Partial<ReplicateRequest> & Pick<ReplicateRequest, "region">,
    changes?: Partial<ReplicateDeps>,
    options?: CallOptions,
  ): Promise<ReplicateResult>;
  /** Opens a record with nothing but that Region's tables and KMS. */
  open(region: string, recordId: string): Promise<string>;
}

export interface Written {
  readonly text?: string;
  readonly tenant?: string;
  /** Stored there instead of at home. */
  readonly region?: string;
}

export async function startRecoveryRegions(): Promise<RecoveryRegions> {
  await using starting = new AsyncDisposableStack();
  const aws = starting.use(await startLocalAws({ regions }));
  const logger = createLogger({ service: "test", level: "silent" });
  const metrics = createMetrics({ service: "test" });
  const clients = createAwsClients({
    regions,
    endpoints: Object.fromEntries(
      Object.entries(aws.endpoints).map(([name, url]) => [name, { kms: url, sqs: url, dynamodb: url }]),
    ),
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
  });
  starting.defer(() => clients.destroy());
  const quota = createKmsQuota({ config: ampleShare, prefix: "test", metrics, logger });
  const clientFor = (region: string) => clients.region(region).kms;
  const backoff = { baseMs: 1, capMs: 5, maxAttempts: 2 };
  const kms = createKmsGovernors({ clientFor, quota, metrics, logger, backoff });
  let deployments = 0;
  const started = starting.move();
  return {
    aws,
    kms,
    kmsClient: clientFor,
    dynamodb: (region) => clients.region(region).dynamodb,
    async deployment({ birthWraps = false } = {}) {
      deployments += 1;
      const profile = await makeProfile(clientFor);
      const prefix = `test${deployments}`;
      const stores = await makeStores(clients, prefix);
      const keys = createKeyDirectory({ profiles: { [profile.name]: profile }, kms, logger });
      const made = { profile, tables: tableNames(prefix), keys, stores, kms, logger, metrics };
      return createDeployment(made, birthWraps, started);
    },
    cryptographicCalls: () =>
      Object.values(aws.control.callCounts())
        .flatMap(({ kms: counts }) => Object.entries(counts))
        .reduce((sum, [operation, { calls }]) => sum + (operation === "DescribeKey" ? 0 : calls), 0),
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}

interface Made extends Pick<EncryptDeksDeps, "logger" | "metrics"> {
  readonly profile: Profile;
  readonly tables: TableNames;
  readonly keys: KeyDirectory;
  readonly stores: (region: string) => Stores;
  readonly kms: (region: string) => KmsGovernor;
}

function createDeployment(made: Made, birthWraps: boolean, started: AsyncDisposableStack): RecoveryDeployment {
  const { profile, keys, stores, kms, logger, metrics } = made;
  const bridges = createBridgeKeys({ kms });
  const state = (region: string) => stores(region).state;
  const replicaWraps = createReplicaWraps({ keys, kms, state, bridges, logger, metrics, budgetMs: 10_000 });
  const deks = createEncryptDeks({
    ...{ keys, kms, state, logger, metrics },
    store: (region) => stores(region).deks,
    ...(birthWraps ? { replicaWraps } : {}),
  });
  started.defer(() => deks.close());
  const parts = (region: string): RegionParts => ({ region, stores: stores(region), kms: kms(region) });

  return {
    profile,
    tables: made.tables,
    keys,
    stores,
    parts,
    async write({ text = "a secret", tenant = "acme", region = home, revision, ...changes } = {}) {
      const context = { tenant };
      using lease = await deks.acquire({ profile, context, bytes: text.length });
      const binding = {
        recordId: changes.recordId ?? `record-${randomUUID()}`,
        ...{ context, contentType: "text/plain", epoch: changes.epoch ?? 1 },
        ...(revision === undefined ? {} : { revision }),
      };
      const envelope = seal(lease.dek, Buffer.from(text), binding);
      const sealId = readHeader(envelope).sealId;
      const jobId = changes.jobId ?? randomUUID();
      const record = { ...binding, jobId, dekId: lease.dek.id, sealId, envelope, size: text.length };
      const [outcome] = await stores(region).records.put([record]);
      if (outcome?.kind !== "stored" && outcome?.kind !== "replaced") throw new Error(`not stored: ${outcome?.kind}`);
      return record;
    },
    replicate(request, changes = {}, options = {}) {
      const places = { home: parts(home), target: parts(request.region) };
      const deps = { profiles: { [profile.name]: profile }, keys, bridges, logger, mode: "regional" as const };
      return replicateBatch({ dekIds: [], recordIds: [], ...request }, { ...deps, ...places, ...changes }, options);
    },
    async open(region, recordId) {
      const record = await stores(region).records.get(recordId);
      if (!record) throw new Error(`${recordId} is not in ${region}`);
      const opening = createDecryptDeks({ region, keys, kms: kms(region), store: stores(region).deks, metrics });
      try {
        using lease = await opening.acquire({ dekId: record.dekId, context: record.context });
        return open(lease.dek, record.envelope, record).toString();
      } finally {
        opening.close();
      }
    },
  };
}

async function makeProfile(clientFor: (region: string) => KMSClient): Promise<Profile> {
  const create = async (region: string, MultiRegion = false) => {
    const { KeyMetadata } = await clientFor(region).send(new CreateKeyCommand({ MultiRegion }));
    if (KeyMetadata?.Arn === undefined || KeyMetadata.KeyId === undefined) throw new TypeError("a key has an ARN");
    return { arn: KeyMetadata.Arn, id: KeyMetadata.KeyId };
  };
  const reach = (KeyId: string, ReplicaRegion: string) =>
    clientFor(home).send(new ReplicateKeyCommand({ KeyId, ReplicaRegion }));
  const [key, bridge] = await Promise.all([create(home, true), create(home, true)]);
  await Promise.all([reach(key.arn, related), reach(bridge.arn, bridged)]);
  const shared = { retiring: [], recoveryPointMs: 60_000 };
  const replicas: Replica[] = [
    { ...shared, region: related, key: key.id, strategy: "multi-region" },
    { ...shared, region: apart, key: (await create(apart)).arn, strategy: "encrypt" },
    { ...shared, region: bridged, key: (await create(bridged)).arn, strategy: "bridge", bridge: bridge.id },
  ];
  return {
    name: "people",
    home,
    key: key.arn,
    retiring: [],
    required: ["tenant"],
    dekScope: ["tenant"],
    reuse: { records: 1_000, bytes: 1_000_000, ageMs: 600_000 },
    replicas: Object.fromEntries(replicas.map((replica) => [replica.region, replica])),
  };
}

async function makeStores(clients: AwsClients, prefix: string): Promise<(region: string) => Stores> {
  const logger = createLogger({ service: "test", level: "silent" });
  const stores = new Map<string, Stores>();
  for (const region of regions) {
    const client = clients.region(region).dynamodb;
    await createTables(client, tableNames(prefix), { pollMs: 10 });
    stores.set(region, openStores({ client, prefix, logger }));
  }
  return (region) => {
    const found = stores.get(region);
    if (!found) throw new RangeError(`no such Region: ${region}`);
    return found;
  };
}

/** All of the account's quota is this one process's. */
const ampleShare: QuotaConfig = {
  share: { callsPerSecond: 1_000_000 },
  reserve: 0,
  campaign: 1,
  floor: 1,
  workers: 1,
  source: "defaults",
  regions: Object.fromEntries(regions.map((region) => [region, 1_000_000])),
};
