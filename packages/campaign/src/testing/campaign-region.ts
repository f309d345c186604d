/** One Region for this package's tests: the embedded KMS and DynamoDB, what stands on them, and DEKs to rewrap. */

import { CreateKeyCommand, DescribeKeyCommand, RotateKeyOnDemandCommand } from "@aws-sdk/client-kms";
import { createAwsClients, type RegionClients } from "@dekhand/aws";
import { createKeyDirectory, kmsContext } from "@dekhand/deks";
import { createDek, newDekId } from "@dekhand/envelope";
import { createKmsGovernor, createKmsQuota, type KmsGovernor } from "@dekhand/kms";
import { type LocalAws, startLocalAws } from "@dekhand/local-aws";
import { createLogger, createMetrics, type Profile, type QuotaConfig } from "@dekhand/runtime";
import {
  type Campaign,
  type CampaignKind,
  type CampaignStatus,
  type CampaignStore,
  type CampaignTarget,
  type ConditionalWriter,
  createCampaignStore,
  createConditionalWriter,
  createDekhandWrapStore,
  createDekStore,
  createRecordStore,
  createTables,
  type DekStore,
  type RecordStore,
  type TableNames,
  tableNames,
  type WrapStore,
} from "@dekhand/store";
import { admitOwnWraps } from "../admit-wraps.ts";
import type { WrapAccess } from "../wrap-access.ts";

export const region = "us-east-1";

export interface CampaignRegion extends AsyncDisposable {
  readonly aws: LocalAws;
  readonly clients: RegionClients;
  readonly kms: KmsGovernor;
  /** A key, and the ARN of it. */
  createKey(): Promise<string>;
  /** The id of the key's current material. */
  materialOf(keyArn: string): Promise<string>;
  /** Rotates the key's material on demand. */
  rotate(keyArn: string): Promise<void>;
  /** New empty tables. */
  deployment(): Promise<Deployment>;
}

export interface Deployment {
  readonly tables: TableNames;
  readonly writer: ConditionalWriter;
  readonly campaigns: CampaignStore;
  readonly deks: DekStore;
  readonly records: RecordStore;
  readonly wraps: WrapStore;
  /** Makes DEKs as workers do; answers what each unwraps to. */
  bear(count: number, keyArn: string, changes?: { readonly material?: false }): Promise<ReadonlyMap<string, Buffer>>;
  /** For a profile whose key is `current`, with `retiring` beside it. */
  access(current: string, retiring?: readonly string[], wraps?: WrapStore): WrapAccess;
  /** A campaign in that status. */
  campaign(target: CampaignTarget, kind?: CampaignKind, status?: CampaignStatus): Promise<Campaign>;
}

export const profileName = "people";

export async function startCampaignRegion(): Promise<CampaignRegion> {
  const aws = await startLocalAws({ regions: [region] });
  const logger = createLogger({ service: "test", level: "silent" });
  const metrics = createMetrics({ service: "test" });
  const url = aws.endpoints[region] ?? "";
  const all = createAwsClients({
    regions: [region],
    endpoints: { [region]: { kms: url, sqs: url, dynamodb: url } },
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
  });
  const clients = all.region(region);
  const quota = createKmsQuota({ config: ampleShare, prefix: "test", metrics, logger });
  const backoff = { baseMs: 5, capMs: 50 };
  const kms = createKmsGovernor({ region, client: clients.kms, quota, metrics, logger, backoff });
  let deployments = 0;
  return {
    aws,
    clients,
    kms,
    async createKey() {
      const { KeyMetadata } = await clients.kms.send(new CreateKeyCommand({}));
      return KeyMetadata?.Arn ?? "";
    },
    async materialOf(keyArn) {
      const { KeyMetadata } = await clients.kms.send(new DescribeKeyCommand({ KeyId: keyArn }));
      return KeyMetadata?.CurrentKeyMaterialId ?? "";
    },
    async rotate(keyArn) {
      await clients.kms.send(new RotateKeyOnDemandCommand({ KeyId: keyArn }));
    },
    async deployment() {
      deployments += 1;
      const tables = tableNames(`test${deployments}`);
      await createTables(clients.dynamodb, tables, { pollMs: 10 });
      const writer = createConditionalWriter({ client: clients.dynamodb, logger });
      return createDeployment(tables, writer, clients, kms, logger);
    },
    async [Symbol.asyncDispose]() {
      all.destroy();
      await aws.close();
    },
  };
}

function createDeployment(
  tables: TableNames,
  writer: ConditionalWriter,
  { dynamodb: client }: RegionClients,
  kms: KmsGovernor,
  logger: ReturnType<typeof createLogger>,
): Deployment {
  const deks = createDekStore({ client, writer, tables });
  const records = createRecordStore({ client, writer, tables });
  const campaigns = createCampaignStore({ client, writer, tables });
  const wraps = createDekhandWrapStore({ client, writer, tables, region });

  const bearOne = async (keyArn: string, changes: { readonly material?: false }): Promise<[string, Buffer]> => {
    const dekId = newDekId();
    const context = kmsContext(dekId, profileName, { tenant: "a" });
    const answer = await kms.generateDataKey({ keyArn, context });
    const createdAt = new Date().toISOString();
    using handle = createDek(dekId, Uint8Array.from(answer.plaintext));
    const dek = {
      dekId,
      profile: profileName,
      suite: 1,
      commitment: handle.commitment,
      context,
      home: region,
      createdAt,
    };
    const material = changes.material === false || answer.material === undefined ? {} : { material: answer.material };
    await deks.insert(dek, { region, keyArn, ...material, blob: answer.blob, context, wrappedAt: createdAt });
    return [dekId, answer.plaintext];
  };

  return {
    tables,
    writer,
    campaigns,
    deks,
    records,
    wraps,
    async bear(count, keyArn, changes = {}) {
      const born = new Map<string, Buffer>();
      while (born.size < count) {
        const some = Array.from({ length: Math.min(25, count - born.size) }, () => bearOne(keyArn, changes));
        for (const [dekId, plaintext] of await Promise.all(some)) born.set(dekId, plaintext);
      }
      return born;
    },
    access(current, retiring = [], store = wraps) {
      const profiles = { [profileName]: profileOf(current, retiring) };
      const keys = createKeyDirectory({ profiles, kms: () => kms, logger });
      return { store, kms, admit: admitOwnWraps({ profiles, keys }) };
    },
    async campaign(target, kind = "rotation", status = "running") {
      const act = { at: new Date().toISOString(), actor: "test", reason: "test" };
      const created = await campaigns.create({ id: crypto.randomUUID(), kind, targets: [target], ...act }, []);
      if (status === created.status) return created;
      return campaigns.transition(created.id, { version: created.version, from: "planned", to: status, ...act });
    },
  };
}

function profileOf(key: string, retiring: readonly string[]): Profile {
  return {
    name: profileName,
    home: region,
    key,
    retiring,
    required: ["tenant"],
    dekScope: ["tenant"],
    reuse: { records: 1_000, bytes: 1_000_000, ageMs: 60_000 },
    replicas: {},
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
  regions: { [region]: 1_000_000 },
};
