/** Tables of one Region with records in them that were sealed as an encryptor does it, and a reader who trusts nobody. */

import { createDecryptDeks, createEncryptDeks, createKeyDirectory } from "@dekhand/deks";
import { open, readHeader, seal } from "@dekhand/envelope";
import { createLogger, createMetrics, type Profile, type Replica } from "@dekhand/runtime";
import {
  type Campaign,
  type CampaignStore,
  createDekStore,
  createRecordStore,
  createStateStore,
  type RecordWrite,
  type StoredRecord,
  type Stores,
} from "@dekhand/store";
import { type CampaignRegion, type Deployment, profileName, region } from "../../testing/campaign-region.ts";
import { createResealing, type Resealing } from "../reseal-access.ts";
import { type ResealSelection, writeResealSelection } from "../reseal-selection.ts";

export interface SealingOptions {
  readonly tenant?: string;
  /** Bytes beyond the text that tells the records apart. */
  readonly padding?: number;
  readonly revision?: number;
  readonly recordId?: string;
}

export interface SealedRecords extends Disposable {
  readonly deployment: Deployment;
  readonly profile: Profile;
  readonly keyArn: string;
  readonly stores: Pick<Stores, "deks" | "records" | "state">;
  readonly campaigns: CampaignStore;
  /** As a rewrapper has it. */
  readonly resealing: Resealing;
  /** Seals and stores so many records under one DEK that no other record has; answers them as they are stored. */
  seal(count: number, options?: SealingOptions): Promise<readonly StoredRecord[]>;
  /** What a record holds, as read anew from table and KMS; an envelope of before may be given in the place of the stored one. */
  text(recordId: string, before?: StoredRecord): Promise<string>;
  stored(recordId: string): Promise<StoredRecord>;
  /** A running campaign with so many segments. */
  campaign(selection: ResealSelection, segments?: number): Promise<Campaign>;
}

/** The text that a record was sealed with, without its padding. */
export function textOf(recordId: string, revision?: number): string {
  return `text of ${recordId}${revision === undefined ? "" : ` in revision ${revision}`}`;
}

export async function sealedRecords(
  home: CampaignRegion,
  { replicas = [] }: { readonly replicas?: readonly Replica[] } = {},
): Promise<SealedRecords> {
  const [deployment, keyArn] = await Promise.all([home.deployment(), home.createKey()]);
  const { tables, writer, campaigns } = deployment;
  const { dynamodb: client } = home.clients;
  const stores = {
    deks: createDekStore({ client, writer, tables }),
    records: createRecordStore({ client, writer, tables }),
    state: createStateStore({ client, tables }),
  };
  const logger = createLogger({ service: "test", level: "silent" });
  const metrics = createMetrics({ service: "test" });
  const profile = profileOf(keyArn, replicas);
  const profiles = { [profile.name]: profile };
  const { kms } = home;
  const keys = createKeyDirectory({ profiles, kms: () => kms, logger });
  const common = { keys, logger, metrics };
  const homes = { of: async () => ({ profile, epoch: 1 }) };
  const resealing = createResealing({ ...common, profiles, homes, kms: () => kms, stores: () => stores });
  const stored = async (recordId: string) => requireFound(await stores.records.get(recordId));

  return {
    deployment,
    profile,
    keyArn,
    stores,
    campaigns,
    resealing,
    stored,
    async seal(count, { tenant = "a", padding = 0, revision, recordId } = {}) {
      const { deks, state } = stores;
      const sealing = createEncryptDeks({ ...common, kms: () => kms, store: () => deks, state: () => state });
      const sealed: RecordWrite[] = [];
      while (sealed.length < count) {
        const id = recordId ?? crypto.randomUUID();
        const payload = Buffer.from(textOf(id, revision) + " ".repeat(padding));
        const said = { recordId: id, context: { tenant, color: "red" }, contentType: "text/plain", epoch: 1 };
        const binding = { ...said, ...(revision === undefined ? {} : { revision }) };
        using lease = await sealing.acquire({ profile, context: said.context, bytes: payload.length });
        const envelope = seal(lease.dek, payload, binding);
        const { sealId } = readHeader(envelope);
        const labels = { jobId: crypto.randomUUID(), dekId: lease.dek.id, sealId, size: payload.length };
        sealed.push({ ...binding, ...labels, envelope });
      }
      sealing.close();
      const outcomes = await stores.records.put(sealed);
      if (!outcomes.every(({ kind }) => kind === "stored" || kind === "replaced")) throw new TypeError("not stored");
      return Promise.all(sealed.map((one) => stored(one.recordId)));
    },
    async text(recordId, before) {
      const record = before ?? (await stored(recordId));
      const opening = createDecryptDeks({ region, keys, kms, store: stores.deks, metrics });
      using lease = await opening.acquire({ dekId: record.dekId, context: record.context });
      const text = open(lease.dek, record.envelope, record).toString().trimEnd();
      opening.close();
      return text;
    },
    async campaign(selection, segments = 1) {
      const act = { at: new Date().toISOString(), actor: "test", reason: "test" };
      const settings = writeResealSelection(selection);
      const created = await campaigns.create(
        { id: crypto.randomUUID(), kind: "reseal", targets: [], settings, ...act },
        [],
      );
      await campaigns.createSegments(
        created.id,
        Array.from({ length: segments }, (_, index) => {
          return {
            number: index + 1,
            sweep: 1,
            phase: "reseal",
            store: "records",
            region,
            index,
            of: segments,
          } as const;
        }),
      );
      const { version } = created;
      return campaigns.transition(created.id, { version, from: "planned", to: "running", ...act });
    },
    [Symbol.dispose]: () => resealing.close(),
  };
}

function requireFound(record: StoredRecord | undefined): StoredRecord {
  if (!record) throw new TypeError("the record was stored");
  return record;
}

function profileOf(key: string, replicas: readonly Replica[]): Profile {
  return {
    name: profileName,
    home: region,
    key,
    retiring: [],
    required: ["tenant"],
    dekScope: ["tenant"],
    reuse: { records: 1_000, bytes: 1_000_000_000, ageMs: 60_000 },
    replicas: Object.fromEntries(replicas.map((one) => [one.region, one])),
  };
}
