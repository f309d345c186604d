/** A deployment with tables in two Regions: DEKs are born in one, and have copies or wraps of their own in the other. */

import { createBridgeKeys, createKeyDirectory, kmsContext, makeReplicaWrap, profilesAtHome } from "@dekhand/deks";
import { createDek, newDekId } from "@dekhand/envelope";
import { createLogger, type DeploymentConfig, profileAt, toDeploymentConfig } from "@dekhand/runtime";
import { type Campaign, createTables, openStores, type StoredWrap, type Stores, tableNames } from "@dekhand/store";
import { type CampaignRequest, type ResolvedTargets, resolveTargets } from "../../plan/resolve-targets.ts";
import { away, home, type TwoRegions } from "../../plan/testing/two-regions.ts";
import { type CampaignSettings, DEFAULT_SETTINGS, writeSettings } from "../../settings.ts";
import { newCampaignId, startCampaign } from "../../start-campaign.ts";
import { type OpenedWrapAccess, openWrapAccess } from "../../stores/open-wrap-access.ts";
import { type CampaignCrew, type CrewOptions, startCrew } from "../../testing/campaign-crew.ts";

export interface PairedDeployment extends AsyncDisposable {
  readonly config: DeploymentConfig;
  readonly opened: OpenedWrapAccess;
  stores(region: string): Stores;
  /** DEKs of the profile, each with its wraps in both Regions; what each unwraps to. */
  bear(count: number, profile: string): Promise<ReadonlyMap<string, Buffer>>;
  /** The wrap as that Region's own table has it. */
  wrapIn(region: string, dekId: string): Promise<StoredWrap>;
  resolve(request: CampaignRequest): Promise<ResolvedTargets>;
  /** A campaign that has started. */
  start(request: CampaignRequest, settings?: Partial<CampaignSettings>): Promise<Campaign>;
  crew(options?: Partial<CrewOptions>): Promise<CampaignCrew>;
}

let deployments = 0;

export async function pairedDeployment(
  regions: TwoRegions,
  profiles: Readonly<Record<string, object>>,
  mode: DeploymentConfig["tables"] = "regional",
): Promise<PairedDeployment> {
  deployments += 1;
  const prefix = `pair${deployments}`;
  const logger = createLogger({ service: "test", level: "silent" });
  const config = toDeploymentConfig({ prefix, tables: mode, regions: [home, away], control: home, profiles }, "test");
  const opened = new Map<string, Stores>();
  for (const region of config.regions) {
    const client = regions.dynamodb(region);
    await createTables(client, tableNames(prefix), { pollMs: 10 });
    opened.set(region, openStores({ client, prefix, logger }));
  }
  const stores = (region: string) => opened.get(region) ?? fail(`no tables in ${region}`);
  const { kms } = regions;
  const keys = createKeyDirectory({ profiles: config.profiles, kms, logger });
  const access = await openWrapAccess({
    ...{ config, kms, keys, stores, logger },
    dynamodb: regions.dynamodb,
    homeOf: async (profile, options) => (await stores(home).state.getHome(profile, options))?.region,
    secret: () => undefined,
  });
  const { campaigns } = stores(home);

  const bearOne = async (name: string): Promise<[string, Buffer]> => {
    const configured = config.profiles[name] ?? fail(`no profile ${name}`);
    const profile = profileAt(configured, configured.home) ?? configured;
    const key = await keys.current(name);
    const dekId = newDekId();
    const context = kmsContext(dekId, name, { tenant: "a" });
    const answer = await kms(profile.home).generateDataKey({ keyArn: key.arn, context });
    const createdAt = new Date().toISOString();
    using handle = createDek(dekId, Uint8Array.from(answer.plaintext));
    const { commitment } = handle;
    const dek = { dekId, profile: name, suite: 1, commitment, context, home: profile.home, createdAt };
    const material = answer.material === undefined ? {} : { material: answer.material };
    const wrap = {
      region: profile.home,
      keyArn: key.arn,
      ...material,
      blob: answer.blob,
      context,
      wrappedAt: createdAt,
    };
    await stores(profile.home).deks.insert(dek, wrap);
    const deps = { keys, kms, state: (region: string) => stores(region).state, bridges: createBridgeKeys({ kms }) };
    for (const region of Object.keys(profile.replicas)) {
      const there = await makeReplicaWrap({ profile, region, dek, wrap }, deps);
      // Of global tables, home's holds it, and the embedded ones carry nothing anywhere.
      const { deks } = stores(mode === "global" ? profile.home : region);
      await deks.putDekCopy({ ...dek, status: "active" });
      await deks.putWrapCopy(dekId, there, "absent");
    }
    return [dekId, answer.plaintext];
  };

  const resolve = (request: CampaignRequest) =>
    resolveTargets(request, {
      all: access.all,
      profiles: (options) => profilesAtHome(config.profiles, stores(home).state, options),
      describeKey: (region, reference, options) => kms(region).describeKey(reference, options),
      listKeyRotations: (region, keyArn, options) => kms(region).listKeyRotations(keyArn, options),
    });

  return {
    config,
    opened: access,
    stores,
    async bear(count, profile) {
      return new Map(await Promise.all(Array.from({ length: count }, () => bearOne(profile))));
    },
    async wrapIn(region, dekId) {
      const found = await stores(region).deks.getMany([dekId], region);
      return found.get(dekId)?.wrap ?? fail(`no wrap of ${dekId} in ${region}`);
    },
    resolve,
    async start(request, settings = {}) {
      const { targets, locks } = await resolve(request);
      const act = { at: new Date().toISOString(), actor: "test", reason: "test" };
      const written = writeSettings({ ...DEFAULT_SETTINGS, canary: 3, sample: 1, segments: 3, ...settings });
      const wanted = { id: newCampaignId(), kind: request.kind, targets, settings: written, ...act };
      return startCampaign(campaigns, wanted, locks);
    },
    crew(options = {}) {
      const parts = { ...stores(home), tables: tableNames(prefix) };
      return startCrew({ clients: { dynamodb: regions.dynamodb(home) } }, parts, {
        access: (store, region) => access.find(store, region) ?? fail(`no access to ${store} in ${region}`),
        leftKeys: (region) => stores(region).state,
        regions: config.regions,
        profiles: config.profiles,
        ...options,
      });
    },
    [Symbol.asyncDispose]: () => access[Symbol.asyncDispose](),
  };
}

function fail(message: string): never {
  throw new Error(message);
}
