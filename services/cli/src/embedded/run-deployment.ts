import { type DeploymentConfig, readDeploymentConfig } from "@dekhand/runtime";
import type { CommandContext } from "../command-context.ts";
import { type Connection, commandLogger } from "../connect.ts";
import { connectEmbedded } from "./connect-embedded.ts";
import type { Embedded } from "./start-embedded.ts";
import { type EmbeddedServices, type ServicesOptions, startServices } from "./start-services.ts";

/** An embedded deployment's services, and a connection to it, both by its configuration file as it was read last. */
export interface RunningDeployment extends AsyncDisposable {
  /** Another one after `redeploy`, which closes this one. */
  readonly connection: Connection;
  readonly services: EmbeddedServices;
  /** The deployment's own public transit key, in base64. */
  transitKey(): Promise<string | undefined>;
  /**
   * Reads the configuration file anew. As in a rolling deployment, services with the new configuration start before
   * those with the old one finish what they have begun and stop. Throws ConfigError, and what a start fails with: the old
   * ones run on then.
   */
  redeploy(): Promise<void>;
}

interface Running extends AsyncDisposable {
  readonly connection: Connection;
  readonly services: EmbeddedServices;
  transitKey(): Promise<string | undefined>;
}

export async function runDeployment(
  embedded: Embedded,
  context: CommandContext,
  options: ServicesOptions = {},
): Promise<RunningDeployment> {
  const { configFile, redisUrl } = embedded;
  const open = async (config: DeploymentConfig): Promise<Running> => {
    await using starting = new AsyncDisposableStack();
    const { connection, transitKey } = starting.use(await connectEmbedded({ config, redisUrl }, context));
    const services = starting.use(await startServices({ config, redisUrl }, commandLogger(context), options));
    const started = starting.move();
    return { connection, services, transitKey, [Symbol.asyncDispose]: () => started.disposeAsync() };
  };

  let running = await open(embedded.config);
  return {
    get connection() {
      return running.connection;
    },
    get services() {
      return running.services;
    },
    transitKey: () => running.transitKey(),
    async redeploy() {
      const before = running;
      running = await open(readDeploymentConfig(configFile));
      await before[Symbol.asyncDispose]();
    },
    [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
  };
}
