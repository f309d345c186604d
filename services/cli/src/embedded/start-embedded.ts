/**
 * A whole deployment on this machine: embedded AWS, a real Redis, keys and a
 * configuration file. For `demo` and `dev`; gone afterwards unless it was given
 * a folder to live in.
 */

import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type LocalAws, startLocalAws } from "@dekhand/local-aws";
import { startRedis } from "@dekhand/local-redis";
import { type DeploymentConfig, readDeploymentConfig } from "@dekhand/runtime";
import { Redis } from "ioredis";
import { type EmbeddedReplicas, embeddedConfig } from "./embedded-config.ts";
import { ensureDeploymentKeys } from "./ensure-keys.ts";

export interface EmbeddedOptions {
  /** The first one is the home Region. */
  readonly regions: readonly string[];
  /** Those of `regions` that every profile is copied to, and how each comes by its wraps. Default: none. */
  readonly replicas?: EmbeddedReplicas;
  /** Keeps keys, tables, messages and Redis between runs. */
  readonly dataDir?: string | undefined;
  /** Ports by Region, so that a kept configuration stays right. */
  readonly ports?: Readonly<Record<string, number>>;
  /** A Redis that runs already. */
  readonly redisUrl?: string | undefined;
}

export interface Embedded extends AsyncDisposable {
  readonly aws: LocalAws;
  readonly redisUrl: string;
  readonly config: DeploymentConfig;
  readonly configFile: string;
}

export async function startEmbedded(options: EmbeddedOptions): Promise<Embedded> {
  await using starting = new AsyncDisposableStack();
  const folder = options.dataDir ?? (await mkdtemp(join(tmpdir(), "dekhand-")));
  if (options.dataDir === undefined) starting.defer(() => rm(folder, { recursive: true, force: true }));
  else await mkdir(folder, { recursive: true, mode: 0o700 });

  const kept = options.dataDir !== undefined;
  const aws = starting.use(
    await startLocalAws({
      regions: options.regions,
      ...(options.ports === undefined ? {} : { ports: options.ports }),
      ...(kept ? { dataDir: join(folder, "aws") } : {}),
    }),
  );
  const configFile = join(folder, "dekhand.yaml");
  const prefix = choosePrefix(configFile, options.redisUrl);
  if (options.redisUrl !== undefined && !kept) starting.defer(() => removeKeys(options.redisUrl, prefix));
  const redisUrl = options.redisUrl ?? (await ownRedis(starting, kept ? join(folder, "redis") : undefined));

  const [home] = options.regions;
  if (home === undefined) throw new RangeError("an embedded deployment has at least one Region");
  const { replicas = {} } = options;
  await writeFile(configFile, embeddedConfig({ endpoints: aws.endpoints, home, prefix, replicas }));
  await ensureDeploymentKeys(aws, home, replicas);

  const started = starting.move();
  return {
    aws,
    redisUrl,
    configFile,
    config: readDeploymentConfig(configFile),
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}

/**
 * In a Redis that others use, the deployment needs a name of its own: under a
 * shared one it would take another deployment's jobs. One that is kept keeps it.
 */
function choosePrefix(configFile: string, redisUrl: string | undefined): string {
  if (existsSync(configFile)) return readDeploymentConfig(configFile).prefix;
  return redisUrl === undefined ? "dekhand" : `dekhand-local-${randomBytes(4).toString("hex")}`;
}

/** Leaves a Redis that others use as it was, where it can be reached: what ended the work says the rest. */
async function removeKeys(redisUrl: string | undefined, prefix: string): Promise<void> {
  if (redisUrl === undefined) return;
  const redis = new Redis(redisUrl, { maxRetriesPerRequest: 1, retryStrategy: () => null });
  // The failed command says the same.
  redis.on("error", () => undefined);
  try {
    for await (const keys of redis.scanStream({ match: `${prefix}:*`, count: 1_000 })) {
      if (keys.length > 0) await redis.unlink(...keys);
    }
  } catch {
    // An error of the cleanup would hide the one that ended the work.
  } finally {
    redis.disconnect();
  }
}

async function ownRedis(starting: AsyncDisposableStack, dataDir: string | undefined): Promise<string> {
  const redis = await startRedis(dataDir === undefined ? {} : { dataDir, persistent: true });
  starting.defer(() => redis.stop());
  return redis.url;
}
