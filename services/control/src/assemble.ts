import { type AwsClientsOptions, createAwsClients } from "@dekhand/aws";
import type { DeploymentConfig, Health, Logger, Metrics } from "@dekhand/runtime";
import { createStateStore, tableNames } from "@dekhand/store";
import { type Control, createControl } from "./control.ts";

export interface ControlAssembly {
  readonly config: DeploymentConfig;
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
    queueNames: Object.values(config.queues),
  });
  return {
    ...control,
    async start() {
      try {
        await control.start();
      } catch (error) {
        clients.destroy();
        throw error;
      }
    },
    async drain(deadline) {
      await control.drain(deadline);
      clients.destroy();
    },
  };
}
