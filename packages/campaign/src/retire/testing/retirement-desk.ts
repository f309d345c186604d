/** What tests of retirements stand on: tables and two keys of their own, the steps of a retirement, and a clock that can be moved. */

import { DeleteItemCommand } from "@aws-sdk/client-dynamodb";
import { GetKeyLastUsageCommand } from "@aws-sdk/client-kms";
import { kmsContext } from "@dekhand/deks";
import { newDekId } from "@dekhand/envelope";
import type { KmsGovernor } from "@dekhand/kms";
import { createLogger, type DeploymentConfig, toDeploymentConfig } from "@dekhand/runtime";
import { openStores, type Stores, type WrapStore } from "@dekhand/store";
import { type CampaignRegion, type Deployment, profileName, region } from "../../testing/campaign-region.ts";
import { retireKey } from "../retire-key.ts";
import type { RetireDeps, RetireOptions, RetireReport } from "../retire-types.ts";
import { scheduleDeletion } from "../schedule-deletion.ts";
import { wrapStoresOf } from "../wrap-stores-of.ts";

export const dayMs = 86_400_000;
export const backupsMs = 35 * dayMs;

export type StepChanges = Partial<RetireOptions> & { readonly days?: number };

export interface RetirementDesk {
  readonly deployment: Deployment;
  readonly stores: Stores;
  /** The key to retire, and the one that the configuration names. */
  readonly old: string;
  readonly current: string;
  /** Added to the clock, in milliseconds. */
  aheadMs: number;
  /** How often somebody was asked, who said yes. */
  asked: number;
  config(changes?: object): DeploymentConfig;
  deps(changes?: { readonly config?: DeploymentConfig; readonly foreign?: readonly WrapStore[] }): RetireDeps;
  retire(changes?: StepChanges, deps?: RetireDeps): Promise<RetireReport>;
  schedule(changes?: StepChanges, deps?: RetireDeps): Promise<RetireReport>;
  stateOf(keyArn: string): Promise<string>;
  /** Uses a key as others do. */
  use(keyArn: string): Promise<unknown>;
  /** A wrap of Dekhand's own under one key, whose label names one or another; answers its id. */
  putWrap(under: string, label: string, extraContext?: Readonly<Record<string, string>>): Promise<string>;
  deleteWrap(id: string): Promise<unknown>;
}

export async function openDesk(home: CampaignRegion): Promise<RetirementDesk> {
  const deployment = await home.deployment();
  const { dynamodb } = home.clients;
  const logger = createLogger({ service: "test", level: "silent" });
  const prefix = deployment.tables.deks.replace(/-deks$/, "");
  const stores = openStores({ client: dynamodb, prefix, logger });
  const [old, current] = [await home.createKey(), await home.createKey()];
  const kms: KmsGovernor = { ...home.kms, keyLastUsage: usageOf(home) };

  const optionsOf = (changes: StepChanges) => ({
    actor: "ann",
    backupsMs,
    days: 30,
    confirm: async () => {
      desk.asked += 1;
      return true;
    },
    ...changes,
  });

  const desk: RetirementDesk = {
    deployment,
    stores,
    old,
    current,
    aheadMs: 0,
    asked: 0,
    config: (changes = {}) =>
      toDeploymentConfig(
        {
          prefix,
          regions: [region],
          profiles: { [profileName]: { home: region, key: current, required: ["tenant"] } },
          transit: { key: current },
          ...changes,
        },
        "test",
      ),
    deps({ config = desk.config(), foreign = [] } = {}) {
      const opened = { all: foreign.map((store) => deployment.access(current, [], store)) };
      return {
        config,
        kms,
        state: stores.state,
        leftKeys: stores.state,
        campaigns: deployment.campaigns,
        stores: () => wrapStoresOf(region, { config, dynamodb: () => dynamodb, opened, logger }),
        now: () => new Date(Date.now() + desk.aheadMs),
      };
    },
    retire: (changes = {}, deps = desk.deps()) => retireKey(old, deps, optionsOf(changes)),
    schedule: (changes = {}, deps = desk.deps()) => scheduleDeletion(old, deps, optionsOf(changes)),
    stateOf: async (keyArn) => (await home.kms.describeKey(keyArn)).state,
    use: (keyArn) => home.kms.encrypt({ keyArn, plaintext: Buffer.from("used"), context: {} }),
    async putWrap(under, label, extraContext = {}) {
      const dekId = newDekId();
      const context = kmsContext(dekId, profileName, { tenant: "a" });
      const made = await home.kms.generateDataKey({ keyArn: under, context: { ...context, ...extraContext } });
      const at = new Date().toISOString();
      const dek = { dekId, profile: profileName, suite: 1, commitment: Buffer.alloc(32), context, home: region };
      await stores.deks.insert(
        { ...dek, createdAt: at },
        { region, keyArn: label, blob: made.blob, context, wrappedAt: at },
      );
      return dekId;
    },
    deleteWrap(id) {
      const Key = { dekId: { S: id }, item: { S: `wrap#${region}` } };
      return dynamodb.send(new DeleteItemCommand({ TableName: deployment.tables.deks, Key }));
    },
  };
  return desk;
}

/** Past the quota: KMS allows a few of these calls a second, and tests make many. */
function usageOf({ clients }: CampaignRegion): KmsGovernor["keyLastUsage"] {
  return async (keyArn) => {
    const { KeyLastUsage: usage } = await clients.kms.send(new GetKeyLastUsageCommand({ KeyId: keyArn }));
    return {
      ...(usage?.Timestamp ? { usedAt: usage.Timestamp.toISOString() } : {}),
      ...(usage?.Operation ? { operation: usage.Operation } : {}),
    };
  };
}

/** A `confirm` that answers yes once so many ask at the same time. */
export function togetherYes(count: number): () => Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let waiting = 0;
  return async () => {
    waiting += 1;
    if (waiting === count) resolve();
    await promise;
    return true;
  };
}
