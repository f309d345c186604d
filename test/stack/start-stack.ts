/**
 * A deployment of one test's own: embedded AWS, a real Redis, tables, queues
 * and keys; encryptors in this process or as processes that can be killed.
 */

import { randomUUID } from "node:crypto";
import { fileURLToPath } from "node:url";
import { type AwsClients, createAwsClients } from "@dekhand/aws";
import { type Embedded, type EmbeddedOptions, embeddedCredentials, startEmbedded } from "@dekhand/cli";
import { type ClientOptions, createClient, type DekhandClient } from "@dekhand/client";
import { assembleControl, type Control, type ControlAssembly } from "@dekhand/control";
import { type AssembledEncryptor, assembleEncryptor, type EncryptorAssembly } from "@dekhand/encryptor";
import type { LocalAws } from "@dekhand/local-aws";
import { type AssembledReplicator, assembleReplicator, type ReplicatorAssembly } from "@dekhand/replicator";
import { type AssembledRewrapper, assembleRewrapper, type RewrapperAssembly } from "@dekhand/rewrapper";
import { createHealth, createLogger, createMetrics, type DeploymentConfig, type Metrics } from "@dekhand/runtime";
import { openStores, type Stores } from "@dekhand/store";
import { type SpawnedScript, spawnScript } from "@dekhand/testing";
import { type CommandOutcome, runCommand } from "./run-command.ts";

export const region = "us-east-1";
/** A profile without context, and one scoped by tenant: those of the embedded configuration. */
export const plainProfile = "documents";
export const tenantProfile = "customer-pii";

const encryptorMain = fileURLToPath(import.meta.resolve("../../services/encryptor/src/main.ts"));
const controlMain = fileURLToPath(import.meta.resolve("../../services/control/src/main.ts"));
const rewrapperMain = fileURLToPath(import.meta.resolve("../../services/rewrapper/src/main.ts"));
const replicatorMain = fileURLToPath(import.meta.resolve("../../services/replicator/src/main.ts"));

export interface Stack extends AsyncDisposable {
  readonly aws: LocalAws;
  readonly embedded: Embedded;
  readonly config: DeploymentConfig;
  readonly clients: AwsClients;
  /** The environment of the command line, and of services that are processes of their own. */
  readonly env: Readonly<Record<string, string>>;
  /** Of the home Region. */
  readonly stores: Stores;
  storesOf(region: string): Stores;
  readonly client: DekhandClient;
  /** Everything that services in this process logged, as text. */
  logs(): string;
  /** A further client; closed with the stack. */
  openClient(options?: Partial<ClientOptions>): DekhandClient;
  /** An encryptor in this process, drained with the stack. */
  startEncryptor(options?: Partial<EncryptorAssembly>): Promise<RunningEncryptor>;
  /** An encryptor as a process of its own. */
  spawnEncryptor(env?: Readonly<Record<string, string>>): Promise<SpawnedScript>;
  /** A rewrapper in this process, drained with the stack. */
  startRewrapper(options?: Partial<RewrapperAssembly>): Promise<AssembledRewrapper>;
  /** A rewrapper as a process of its own. */
  spawnRewrapper(env?: Readonly<Record<string, string>>): Promise<SpawnedScript>;
  /** A replicator in this process, drained with the stack. */
  startReplicator(options?: Partial<ReplicatorAssembly>): Promise<RunningReplicator>;
  /** A replicator as a process of its own. */
  spawnReplicator(env?: Readonly<Record<string, string>>): Promise<SpawnedScript>;
  /** The control service in this process, which drives campaigns; drained with the stack. */
  startControl(options?: Partial<ControlAssembly>): Promise<Control>;
  /** The control service as a process of its own. */
  spawnControl(env?: Readonly<Record<string, string>>): Promise<SpawnedScript>;
  /** Runs the command line, in this process. */
  dekhand(...args: readonly string[]): Promise<CommandOutcome>;
  /** The same with all three streams on a terminal, where somebody types this as soon as it is read. */
  dekhandOnTerminal(typed: string, ...args: readonly string[]): Promise<CommandOutcome>;
}

export interface RunningEncryptor {
  readonly encryptor: AssembledEncryptor;
  readonly metrics: Metrics;
}

export interface RunningReplicator {
  readonly replicator: AssembledReplicator;
  readonly metrics: Metrics;
}

/** Default: the home Region alone, without replicas. */
export type StackOptions = Partial<Pick<EmbeddedOptions, "regions" | "replicas">>;

export async function startStack(options: StackOptions = {}): Promise<Stack> {
  await using starting = new AsyncDisposableStack();
  const embedded = starting.use(await startEmbedded({ regions: [region], ...options }));
  const { aws, config, configFile, redisUrl } = embedded;
  const logLines: string[] = [];
  const logger = createLogger({
    service: "test",
    level: "debug",
    destination: { write: (line: string) => void logLines.push(line) },
  });
  const env = {
    AWS_ACCESS_KEY_ID: embeddedCredentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: embeddedCredentials.secretAccessKey,
    AWS_REGION: region,
    DEKHAND_CONFIG: configFile,
    DEKHAND_REDIS_URL: redisUrl,
  };
  // The command line and the child processes find their credentials as the SDK's own chain does.
  Object.assign(process.env, env);

  const dekhand: Stack["dekhand"] = (...args) => runCommand(args, { env });
  const made = await dekhand("init", "--yes", "--json");
  if (made.exitCode !== 0) throw new Error(`init failed: ${made.stderr}`);
  const transitKey: string = JSON.parse(made.stdout).transitKeys[0].publicKey;
  Object.assign(env, { DEKHAND_TRANSIT_KEY: transitKey });

  const clients = createAwsClients({
    regions: config.regions,
    endpoints: config.endpoints,
    credentials: embeddedCredentials,
  });
  starting.defer(() => clients.destroy());
  const opened = new Map<string, Stores>();
  const storesOf = (name: string): Stores => {
    const { prefix } = config;
    const stores = opened.get(name) ?? openStores({ client: clients.region(name).dynamodb, prefix, logger });
    opened.set(name, stores);
    return stores;
  };
  const started = starting.move();
  const openClient: Stack["openClient"] = (options = {}) => {
    const opened = createClient({ config, credentials: embeddedCredentials, redisUrl, transitKey, logger, ...options });
    started.defer(() => opened.close());
    return opened;
  };

  const spawn = async (script: string, more: Readonly<Record<string, string>>): Promise<SpawnedScript> => {
    const process = await spawnScript({
      script,
      env: { ...env, DEKHAND_OPS_PORT: "0", ...more },
      ready: /"msg":"started"/,
    });
    started.use(process);
    return process;
  };

  const shared = () => ({
    config,
    workerId: `test-${randomUUID()}`,
    version: "0.0.0-test",
    redisUrl,
    credentials: embeddedCredentials,
    logger,
  });

  return {
    aws,
    embedded,
    config,
    clients,
    env,
    stores: storesOf(region),
    storesOf,
    client: openClient(),
    openClient,
    logs: () => logLines.join(""),
    dekhand,
    dekhandOnTerminal: (typed, ...args) => runCommand(args, { env, typed }),
    async startEncryptor(options = {}) {
      const metrics = createMetrics({ service: "encryptor" });
      const encryptor = assembleEncryptor({
        ...shared(),
        concurrency: 200,
        metrics,
        ...options,
      });
      await encryptor.start();
      started.defer(() => encryptor.drain({ ms: 2_000 }));
      return { encryptor, metrics };
    },
    async startRewrapper(options = {}) {
      const rewrapper = assembleRewrapper({
        ...shared(),
        concurrency: 16,
        metrics: createMetrics({ service: "rewrapper" }),
        ...options,
      });
      await rewrapper.start();
      started.defer(() => rewrapper.drain({ ms: 2_000 }));
      return rewrapper;
    },
    async startReplicator(options = {}) {
      const metrics = createMetrics({ service: "replicator" });
      const replicator = assembleReplicator({ ...shared(), concurrency: 8, metrics, ...options });
      await replicator.start();
      started.defer(() => replicator.drain({ ms: 2_000 }));
      return { replicator, metrics };
    },
    spawnReplicator: (more = {}) => spawn(replicatorMain, more),
    async startControl(options = {}) {
      const control = assembleControl({
        config,
        redisUrl,
        credentials: embeddedCredentials,
        logger,
        metrics: createMetrics({ service: "control" }),
        health: createHealth(),
        host: "127.0.0.1",
        port: 0,
        campaigns: { everyMs: 100 },
        ...options,
      });
      await control.start();
      started.defer(() => control.drain({ ms: 2_000 }));
      return control;
    },
    spawnControl: (more = {}) => spawn(controlMain, more),
    spawnEncryptor: (more = {}) => spawn(encryptorMain, more),
    spawnRewrapper: (more = {}) => spawn(rewrapperMain, more),
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}
