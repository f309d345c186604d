import { type AwsClients, type AwsClientsOptions, createAwsClients } from "@dekhand/aws";
import {
  type DeploymentConfig,
  type Health,
  type Logger,
  type Metrics,
  type Service,
  sqsQueues,
} from "@dekhand/runtime";
import { createStateStore, tableNames } from "@dekhand/store";
import { type CampaignsDeps, createCampaigns } from "./campaigns.ts";
import { type Control, createControl } from "./control.ts";
import { createRecovery, type RecoveryDeps } from "./recovery/recovery.ts";
import { createRotations, type RotationsDeps, watchesRotations } from "./rotation/rotations.ts";

export interface ControlAssembly {
  readonly config: DeploymentConfig;
  /** Without it, campaigns are not driven: their segments are jobs of BullMQ. */
  readonly redisUrl?: string | undefined;
  readonly campaigns?: CampaignsDeps["options"];
  /** Of the watch for rotated keys, which goes with the campaigns that it starts. */
  readonly rotations?: RotationsDeps["options"];
  /** Of replica Regions: how they stand, passes of the reconciler, drills. */
  readonly recovery?: RecoveryDeps["options"];
  /** Default: the SDK's own chain. */
  readonly credentials?: NonNullable<AwsClientsOptions["credentials"]>;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly health: Health;
  readonly host: string;
  readonly port: number;
  /** Between two looks, in milliseconds. Default 10,000. */
  readonly everyMs?: number;
}

/** Wires the control service from a deployment's configuration. Nothing is contacted before `start`. */
export function assembleControl(assembly: ControlAssembly): Control {
  const { config, credentials, logger } = assembly;
  const clients = createAwsClients({
    regions: config.regions,
    endpoints: config.endpoints,
    logger,
    ...(credentials === undefined ? {} : { credentials }),
  });
  const { sqs, dynamodb } = clients.region(config.control);
  const control = createControl({
    ...assembly,
    sqs,
    state: createStateStore({ client: dynamodb, tables: tableNames(config.prefix) }),
    queueNames: sqsQueues(config.queues),
  });
  const campaigns = assembleCampaigns(assembly, clients);
  const rotations = assembleRotations(assembly, clients);
  const recovery = assembleRecovery(assembly, clients);
  return {
    ...control,
    async start() {
      try {
        await control.start();
        await campaigns?.start();
        await rotations?.start();
        await recovery.start();
      } catch (error) {
        clients.destroy();
        throw error;
      }
    },
    async drain(deadline) {
      const parts = [control, campaigns, rotations, recovery];
      await Promise.all(parts.map(async (part) => part?.drain(deadline)));
      clients.destroy();
    },
  };
}

function assembleCampaigns(assembly: ControlAssembly, clients: AwsClients): Service | undefined {
  const { redisUrl, campaigns: options, logger } = assembly;
  if (redisUrl === undefined) {
    logger.warn("without DEKHAND_REDIS_URL, campaigns are not driven");
    return undefined;
  }
  return createCampaigns({ ...assembly, clients, redisUrl, ...(options === undefined ? {} : { options }) });
}

/** Undefined where nothing is to be watched, and where nobody drives what a watch would start. */
function assembleRotations(assembly: ControlAssembly, clients: AwsClients): Service | undefined {
  const { config, redisUrl, rotations: options } = assembly;
  if (redisUrl === undefined || !watchesRotations(config)) return undefined;
  return createRotations({ ...assembly, clients, ...(options === undefined ? {} : { options }) });
}

function assembleRecovery(assembly: ControlAssembly, clients: AwsClients): Service {
  const { recovery: options } = assembly;
  return createRecovery({ ...assembly, clients, ...(options === undefined ? {} : { options }) });
}
