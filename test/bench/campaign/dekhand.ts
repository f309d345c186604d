/** Dekhand's own: segments of a campaign, several at once, as a rewrapper works at them. */

import { randomUUID } from "node:crypto";
import { createAwsClients } from "@dekhand/aws";
import { admitOwnWraps, runSegment, type WrapAccess } from "@dekhand/campaign";
import { createKeyDirectory } from "@dekhand/deks";
import { createKmsGovernor, createKmsQuota } from "@dekhand/kms";
import { createLogger, createMetrics, type Profile, type QuotaConfig } from "@dekhand/runtime";
import {
  type CampaignStore,
  createCampaignStore,
  createConditionalWriter,
  createDekhandWrapStore,
  tableNames,
  type WrapStore,
} from "@dekhand/store";
import type { Rewrapper } from "./rewrapper.ts";
import {
  credentials,
  kmsCallsAtOnce,
  pageItems,
  profile,
  region,
  segmentsAtOnce,
  type Work,
  type WorkerSettings,
} from "./settings.ts";

export async function createDekhand(settings: WorkerSettings): Promise<Rewrapper> {
  await using opening = new AsyncDisposableStack();
  const logger = createLogger({ service: "bench", level: "warn", destination: process.stderr });
  const metrics = createMetrics({ service: "bench" });
  const clientsOf = (endpoints: { readonly kms?: string; readonly dynamodb: string }) => {
    const clients = createAwsClients({ regions: [region], endpoints: { [region]: endpoints }, credentials });
    opening.defer(() => clients.destroy());
    return clients.region(region);
  };
  const home = clientsOf(settings);
  const control = clientsOf({ dynamodb: settings.control });
  const quota = createKmsQuota({
    config: ampleShare,
    redisUrl: settings.redisUrl,
    prefix: "bench-campaign",
    metrics,
    logger,
  });
  opening.defer(() => quota.close());
  const kms = createKmsGovernor({ region, client: home.kms, quota, metrics, logger });
  const profiles = { [profile]: profileOf(settings) };
  const admit = admitOwnWraps({ profiles, keys: createKeyDirectory({ profiles, kms: () => kms, logger }) });
  const writer = createConditionalWriter({ client: home.dynamodb, logger });
  const controlWriter = createConditionalWriter({ client: control.dynamodb, logger });

  const open = opening.move();
  return {
    async rewrap(work, onRewrapped) {
      const tables = tableNames(work.prefix);
      const campaigns = createCampaignStore({ client: control.dynamodb, writer: controlWriter, tables });
      const wraps = createDekhandWrapStore({ client: home.dynamodb, writer, tables, region });
      const access: WrapAccess = { store: told(wraps, onRewrapped), kms, admit };
      const campaignId = await startCampaign(campaigns, settings, work);
      await runSegments(campaignId, work.segments.length, { campaigns, access: () => access });
    },
    close: () => open.disposeAsync(),
  };
}

async function startCampaign(
  campaigns: CampaignStore,
  { sourceKeyArn, targetKeyArn }: WorkerSettings,
  { segments, of }: Work,
): Promise<string> {
  const store = "dekhand";
  const act = { at: new Date().toISOString(), actor: "bench", reason: "measuring" };
  const targets = [{ store, region, sources: [sourceKeyArn], keyArn: targetKeyArn }];
  const { id, version } = await campaigns.create({ id: randomUUID(), kind: "key", targets, ...act }, []);
  await campaigns.transition(id, { version, from: "planned", to: "running", ...act });
  const made = segments.map(
    (index, at) => ({ number: at + 1, sweep: 1, phase: "rewrap", store, region, index, of }) as const,
  );
  await campaigns.createSegments(id, made);
  return id;
}

async function runSegments(
  campaignId: string,
  segments: number,
  deps: Parameters<typeof runSegment>[1],
): Promise<void> {
  const numbers = Array.from({ length: segments }, (_, at) => at + 1).values();
  const options = { pageSize: pageItems, concurrency: kmsCallsAtOnce };
  const lane = async () => {
    for (const segment of numbers) {
      for (;;) {
        const run = await runSegment({ campaignId, segment }, deps, { ...options, owner: randomUUID() });
        if (run.kind === "done") break;
        if (run.kind !== "handed-back") throw new Error(`a segment ended as ${JSON.stringify(run)}`);
      }
    }
  };
  await Promise.all(Array.from({ length: segmentsAtOnce }, lane));
}

/** The same store; what it has swapped is told. */
function told(store: WrapStore, onSwapped: (wraps: number) => void): WrapStore {
  return {
    ...store,
    async swap(swaps, options) {
      const outcomes = await store.swap(swaps, options);
      onSwapped(outcomes.filter(({ kind }) => kind === "swapped").length);
      return outcomes;
    },
  };
}

function profileOf({ sourceKeyArn, targetKeyArn }: WorkerSettings): Profile {
  return {
    name: profile,
    home: region,
    key: targetKeyArn,
    retiring: [sourceKeyArn],
    required: ["tenant"],
    dekScope: ["tenant"],
    reuse: { records: 1_000, bytes: 1_000_000, ageMs: 60_000 },
    replicas: {},
  };
}

/** The quota is not what is measured: it is shared through Redis as always, and has room for everybody. */
const ampleShare: QuotaConfig = {
  share: { callsPerSecond: 1_000_000 },
  reserve: 0,
  campaign: 1,
  floor: 0.05,
  workers: 1,
  source: "defaults",
  regions: { [region]: 2_000_000 },
};
