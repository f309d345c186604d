/**
 * Rotations of KMS keys as a part of the control service: a poll of the keys of
 * all profiles with `autoRewrap`, and the queue of KMS's events where there is
 * one. Neither says anything about the service's health: without them, an
 * operator starts campaigns.
 */

import type { AwsClients } from "@dekhand/aws";
import { createRotationWatch, type RotationWatch, type RotationWatchOptions } from "@dekhand/campaign";
import { profilesAtHome } from "@dekhand/deks";
import { createKmsGovernors, createKmsQuota } from "@dekhand/kms";
import type { DeploymentConfig, Logger, Metrics, Service } from "@dekhand/runtime";
import { openStores } from "@dekhand/store";
import { createEventQueue } from "./event-queue.ts";
import { keepTrying } from "./keep-trying.ts";

export interface RotationsDeps {
  readonly config: DeploymentConfig;
  readonly clients: AwsClients;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly options?: Partial<RotationWatchOptions>;
}

/** Whether a deployment's configuration has anything to watch or to take in. */
export function watchesRotations({ profiles, queues }: DeploymentConfig): boolean {
  return queues.events !== undefined || Object.values(profiles).some(({ autoRewrap }) => autoRewrap);
}

interface Running {
  readonly watch: RotationWatch;
  readonly events: Service | undefined;
}

export function createRotations(deps: RotationsDeps): Service {
  const { config, clients, logger, metrics } = deps;
  const stopped = new AbortController();
  const { signal } = stopped;
  // The local share: a look is a few calls about keys, and should not need Redis for them.
  const quota = createKmsQuota({ config: config.quota, prefix: config.prefix, metrics, logger });
  const kms = createKmsGovernors({ clientFor: (region) => clients.region(region).kms, quota, metrics, logger });
  let opening: Promise<Running | undefined> = Promise.resolve(undefined);

  const open = async (): Promise<Running> => {
    const { sqs, dynamodb } = clients.region(config.control);
    const { campaigns, state, probe } = openStores({ client: dynamodb, prefix: config.prefix, logger });
    await probe({ signal });
    const watch = createRotationWatch({
      config,
      campaigns,
      state,
      profiles: (options) => profilesAtHome(config.profiles, state, options),
      describeKey: (region, reference, options) => kms(region).describeKey(reference, options),
      listKeyRotations: (region, keyArn, options) => kms(region).listKeyRotations(keyArn, options),
      logger,
      metrics,
      ...(deps.options === undefined ? {} : { options: deps.options }),
    });
    const { events: queue } = config.queues;
    const events =
      queue === undefined ? undefined : createEventQueue({ sqs, queue, onEvent: watch.onEvent, logger, metrics });
    await watch.start();
    await events?.start();
    return { watch, events };
  };

  return {
    async start() {
      opening = keepTrying(open, { signal, logger, what: "rotations of keys cannot be watched yet" });
    },
    async drain(deadline) {
      stopped.abort();
      const running = await opening;
      await running?.events?.drain(deadline);
      await running?.watch.drain(deadline);
      quota.close();
    },
  };
}
