/**
 * What a service takes from its environment, given as a record: nothing here
 * reads `process.env`.
 */
import { z } from "zod";
import { LOG_LEVELS } from "../logger.ts";
import { fields } from "./fields.ts";
import { parseConfig } from "./parse-config.ts";
import { regionName } from "./region-name.ts";

export interface EnvironmentVariable<T> {
  /** `DEKHAND_CONCURRENCY`. */
  readonly name: string;
  readonly schema: z.ZodType<T>;
  readonly meaning: string;
}

type Variables = Readonly<Record<string, EnvironmentVariable<unknown>>>;
type Values<V extends Variables> = { readonly [K in keyof V]: V[K] extends EnvironmentVariable<infer T> ? T : never };

/** Declares a variable. Make `schema` of `fields`, with `.default()` or `.optional()` where it may be missing. */
export function variable<T>(name: string, schema: z.ZodType<T>, meaning: string): EnvironmentVariable<T> {
  return { name, schema, meaning };
}

/** The variables that every service knows. */
export const BASE_VARIABLES = {
  configFile: variable("DEKHAND_CONFIG", z.string().default("dekhand.yaml"), "path of the configuration file"),
  control: variable(
    "DEKHAND_CONTROL",
    regionName.optional(),
    "the control Region of this process, instead of the configuration file's",
  ),
  redisUrl: variable(
    "DEKHAND_REDIS_URL",
    fields.url(["redis:", "rediss:"], { credentials: true }).optional(),
    "the Redis of the BullMQ queues and of the shared KMS quota; without it, there are neither",
  ),
  logLevel: variable("DEKHAND_LOG_LEVEL", fields.choice(LOG_LEVELS).default("info"), "least level that is logged"),
  opsHost: variable("DEKHAND_OPS_HOST", z.string().default("127.0.0.1"), "address for health and metrics"),
  opsPort: variable(
    "DEKHAND_OPS_PORT",
    fields.wholeNumber({ min: 0, max: 65_535 }).default(9_464),
    "port for health and metrics; 0 takes a free one",
  ),
  drainMs: variable(
    "DEKHAND_DRAIN_MS",
    fields.wholeNumber({ min: 0, max: 3_600_000 }).default(25_000),
    "milliseconds to finish or hand back work after SIGTERM",
  ),
  concurrency: variable(
    "DEKHAND_CONCURRENCY",
    fields.wholeNumber({ min: 1, max: 10_000 }).default(256),
    "jobs in work at once",
  ),
  workerId: variable(
    "DEKHAND_WORKER_ID",
    fields.text("1 to 128 letters, digits, '.', '_' and '-'", /^[A-Za-z0-9._-]{1,128}$/).optional(),
    "name of this instance in logs and heartbeats",
  ),
} as const satisfies Variables;

/** What services that take jobs from a queue know besides. */
export const WORKER_VARIABLES = {
  leaseSeconds: variable(
    "DEKHAND_LEASE_SECONDS",
    fields.wholeNumber({ min: 2, max: 3_600 }).optional(),
    "seconds that a job stays with a worker that does not renew it",
  ),
} as const satisfies Variables;

type Base = typeof BASE_VARIABLES;

/**
 * The values of the variables that every service knows and of a service's own in `extra`. A key of `extra` that a base
 * variable has too replaces it, for another default. Reports all problems at once; throws ConfigError.
 */
export function parseEnvironment<V extends Variables = Record<never, never>>(
  env: Readonly<Record<string, string | undefined>>,
  extra?: V,
): Values<Omit<Base, keyof V> & V> {
  const variables: Variables = { ...BASE_VARIABLES, ...extra };
  const shape = Object.fromEntries(Object.values(variables).map(({ name, schema }) => [name, schema]));
  const found = parseConfig(z.object(shape), { ...env }, { source: "environment" });
  const values = Object.fromEntries(
    Object.entries(variables)
      .map(([key, { name }]) => [key, found[name]] as const)
      .filter(([, value]) => value !== undefined),
  );
  return Object.freeze(values) as Values<Omit<Base, keyof V> & V>;
}
