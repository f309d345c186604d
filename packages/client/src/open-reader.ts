import { type AwsClients, createAwsClients } from "@dekhand/aws";
import type { Clock, DeploymentConfig, Logger, Metrics } from "@dekhand/runtime";
import { createRecordReader, type RecordReader } from "./record-reader.ts";
import { createRegionMemory } from "./region-memory.ts";
import { createRegionOrder } from "./region-order.ts";
import { createRegionReaders } from "./region-readers.ts";
import type { TimeLimits } from "./time-limits.ts";

export interface ReaderOptions {
  readonly config: DeploymentConfig;
  readonly clients: AwsClients;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly redisUrl?: string | undefined;
  /** The Region to look into first. */
  readonly preferred?: string | undefined;
  /** The order of the others. */
  readonly order?: readonly string[] | undefined;
  /** For one step in one Region. Default 2,000. */
  readonly regionTimeoutMs?: number | undefined;
  /** What pauses are measured and drawn with. */
  readonly clock?: Pick<Clock, "monotonic"> | undefined;
  readonly random?: (() => number) | undefined;
}

export interface OpenReader extends RecordReader {
  /** Wipes the unwrapped DEKs. */
  close(): void;
}

/** A reader of all Regions of the profiles. Throws CLIENT_REGION_UNKNOWN; contacts nothing before the first read. */
export function openReader(options: ReaderOptions): OpenReader {
  const { config, clients, logger, metrics, redisUrl, regionTimeoutMs = 2_000, clock, random } = options;
  const { preferred, order: listed } = options;
  const order = createRegionOrder({ profiles: config.profiles, preferred, order: listed });
  const limits = order.readable.length > 1 ? limitsFor(config, regionTimeoutMs) : undefined;
  const regions = createRegionReaders({ config, clients, logger, metrics, redisUrl, limits });
  const timing = { ...(clock === undefined ? {} : { clock }), ...(random === undefined ? {} : { random }) };
  const memory = createRegionMemory({ metrics, logger, ...timing });
  return {
    ...createRecordReader({ order, region: regions.region, memory, metrics, logger }),
    close: regions.close,
  };
}

/** The largest record that the configuration allows arrives within the time for reading one at 10 MiB a second. */
const msPerMebibyte = 100;

function limitsFor({ limits }: DeploymentConfig, stepMs: number): TimeLimits {
  const mebibytes = limits.payloadBytes / 2 ** 20;
  return { stepMs, recordMs: stepMs + Math.ceil(mebibytes * msPerMebibyte) };
}

export type Credentials = NonNullable<Parameters<typeof createAwsClients>[0]["credentials"]>;

export function clientsFor(
  config: DeploymentConfig,
  options: { credentials?: Credentials; logger: Logger },
): AwsClients {
  return createAwsClients({
    regions: config.regions,
    endpoints: config.endpoints,
    logger: options.logger,
    ...(options.credentials === undefined ? {} : { credentials: options.credentials }),
  });
}
