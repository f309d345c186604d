import { type AwsClients, createAwsClients } from "@dekhand/aws";
import { type OpenedWrapAccess, openWrapAccess } from "@dekhand/campaign";
import { type Credentials, createClient, type DekhandClient } from "@dekhand/client";
import type { RecordReader } from "@dekhand/client/operator";
import { createOperatorReader } from "@dekhand/client/operator";
import { createKeyDirectory } from "@dekhand/deks";
import { createKmsGovernors, createKmsQuota, type KmsGovernor } from "@dekhand/kms";
import {
  createLogger,
  createMetrics,
  type DeploymentConfig,
  LOG_LEVELS,
  type Logger,
  type LogLevel,
} from "@dekhand/runtime";
import { openStores, type Stores } from "@dekhand/store";
import type { CommandContext } from "./command-context.ts";
import { redisUrlOf } from "./redis-url.ts";

/** What commands use to talk to a deployment. Everything is opened on first use and closed together. */
export interface Connection extends AsyncDisposable {
  readonly config: DeploymentConfig;
  readonly clients: AwsClients;
  readonly logger: Logger;
  readonly redisUrl: string | undefined;
  readonly reader: RecordReader;
  /** Opened on first use. */
  client(): Promise<DekhandClient>;
  kms(region: string): KmsGovernor;
  stores(region: string): Promise<Stores>;
  /** Every wrap store of the configuration, opened on first use. Throws as `openWrapAccess`. */
  wrapAccess(): Promise<OpenedWrapAccess>;
}

export interface ConnectOptions {
  /** Default: the SDK's own chain. */
  readonly credentials?: Credentials;
  /** Default: DEKHAND_REDIS_URL. */
  readonly redisUrl?: string;
  /** The public transit key, when it is first needed. Default: DEKHAND_TRANSIT_KEY, a producer's own configuration. */
  readonly transitKey?: () => Promise<string | undefined>;
}

/** Throws ConfigError where DEKHAND_REDIS_URL is no URL of a Redis. */
export function connect(config: DeploymentConfig, context: CommandContext, options: ConnectOptions = {}): Connection {
  const redisUrl = options.redisUrl ?? redisUrlOf(context);
  const logger = commandLogger(context);
  const metrics = createMetrics({ service: "cli" });
  const credentials = options.credentials === undefined ? {} : { credentials: options.credentials };
  const clients = createAwsClients({ regions: config.regions, endpoints: config.endpoints, logger, ...credentials });
  // The local share: a command makes few calls, and should not need Redis for them.
  const quota = createKmsQuota({ config: config.quota, prefix: config.prefix, metrics, logger });
  const kms = createKmsGovernors({ clientFor: (region) => clients.region(region).kms, quota, metrics, logger });
  const opened = new Map<string, Stores>();
  let client: Promise<DekhandClient> | undefined;
  const reader = createOperatorReader({ config, logger, ...credentials });

  const stores = async (region: string): Promise<Stores> => {
    const known =
      opened.get(region) ?? openStores({ client: clients.region(region).dynamodb, prefix: config.prefix, logger });
    opened.set(region, known);
    return known;
  };

  const openClient = async (): Promise<DekhandClient> => {
    const configured = async () => context.env.DEKHAND_TRANSIT_KEY || undefined;
    const transitKey = await (options.transitKey ?? configured)();
    return createClient({
      config,
      logger,
      ...credentials,
      ...(redisUrl === undefined ? {} : { redisUrl }),
      ...(transitKey === undefined ? {} : { transitKey }),
    });
  };

  let wrapAccess: Promise<OpenedWrapAccess> | undefined;
  const openWraps = () =>
    openWrapAccess({
      config,
      dynamodb: (region) => clients.region(region).dynamodb,
      kms,
      keys: createKeyDirectory({ profiles: config.profiles, kms, logger }),
      stores,
      homeOf: async (profile, options) => {
        const { state } = await stores(config.control);
        return (await state.getHome(profile, options))?.region;
      },
      secret: (name) => context.env[name] || undefined,
      logger,
      signal: context.signal,
    });

  return {
    config,
    clients,
    logger,
    redisUrl,
    reader,
    stores,
    client() {
      client ??= openClient();
      return client;
    },
    kms,
    wrapAccess() {
      wrapAccess ??= openWraps();
      return wrapAccess;
    },
    async [Symbol.asyncDispose]() {
      const made = await client?.catch(() => undefined);
      const opened = await wrapAccess?.catch(() => undefined);
      await Promise.all([made?.close(), reader.close(), opened?.[Symbol.asyncDispose]()]);
      quota.close();
      clients.destroy();
    },
  };
}

/** Commands speak to people; the log is for looking closer, on standard error, and errors only unless asked. */
export function commandLogger(
  context: CommandContext,
  unasked: { readonly service: string; readonly level: LogLevel } = { service: "cli", level: "error" },
): Logger {
  const wanted = context.env.DEKHAND_LOG_LEVEL;
  const level = LOG_LEVELS.find((known) => known === wanted) ?? unasked.level;
  return createLogger({ service: unasked.service, level, destination: context.stderr });
}
