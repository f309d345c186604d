/**
 * Campaigns as a part of the control service: opens what they need as soon as
 * that can be reached, then drives them. The service itself stays up meanwhile.
 */

import type { AwsClients } from "@dekhand/aws";
import { type CampaignDriverOptions, createCampaignDriver } from "@dekhand/campaign";
import { profilesAtHome } from "@dekhand/deks";
import { createBullRewrapProducer } from "@dekhand/jobs";
import { type DeploymentConfig, type Logger, type Metrics, regionsOf, type Service, sleep } from "@dekhand/runtime";
import { type CallOptions, openStores, type Stores } from "@dekhand/store";

export interface CampaignsDeps {
  readonly config: DeploymentConfig;
  readonly clients: AwsClients;
  readonly redisUrl: string;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly options?: Partial<CampaignDriverOptions>;
}

/** Between two tries to reach the tables, in milliseconds. */
const retryMs = 2_000;

export function createCampaigns(deps: CampaignsDeps): Service {
  const { config, logger } = deps;
  const stopped = new AbortController();
  const { signal } = stopped;
  let driver: Service | undefined;
  let opening: Promise<void> = Promise.resolve();

  const open = async () => {
    while (!signal.aborted) {
      try {
        driver = createDriver(deps, await openRegions(deps, signal));
        await driver.start();
        logger.info({ queue: config.queues.rewrap }, "driving campaigns");
        return;
      } catch (error) {
        if (signal.aborted) return;
        logger.warn({ err: error }, "campaigns cannot be driven yet; trying again");
        await sleep(retryMs, { signal }).catch(() => undefined);
      }
    }
  };

  return {
    async start() {
      opening = open();
    },
    async drain(deadline) {
      stopped.abort();
      await opening;
      await driver?.drain(deadline);
    },
  };
}

async function openRegions(
  { config, clients, logger }: CampaignsDeps,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Stores>> {
  const { control, prefix, profiles } = config;
  const regions = new Set([control, ...Object.values(profiles).flatMap(regionsOf)]);
  const opened = new Map<string, Stores>();
  // Of these, only the control Region has to be there now.
  for (const region of regions)
    opened.set(region, openStores({ client: clients.region(region).dynamodb, prefix, logger }));
  await opened.get(control)?.probe({ signal });
  return opened;
}

function createDriver(deps: CampaignsDeps, stores: ReadonlyMap<string, Stores>): Service {
  const { config, redisUrl, logger, metrics, options } = deps;
  const storesOf = (region: string): Stores => {
    const found = stores.get(region);
    if (found) return found;
    throw new RangeError("a campaign's own wraps are in the Regions of the configuration's profiles");
  };
  const { campaigns, state } = storesOf(config.control);
  const homes = async (options: CallOptions) => {
    const profiles = Object.values(await profilesAtHome(config.profiles, state, options));
    return [...new Set(profiles.map(({ home }) => home))];
  };
  const queue = { queue: config.queues.rewrap, prefix: config.prefix };
  return createCampaignDriver({
    campaigns,
    state,
    leftKeys: (region) => storesOf(region).state,
    homes,
    regions: [...stores.keys()],
    reseal: {
      regions: [...stores].map(([region, { deks, records }]) => ({ region, deks, records })),
      profiles: config.profiles,
    },
    producer: createBullRewrapProducer({ connection: { url: redisUrl }, ...queue, logger }),
    logger,
    metrics,
    ...(options === undefined ? {} : { options }),
  });
}
