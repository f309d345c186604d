import { randomUUID } from "node:crypto";
import { assembleControl } from "@dekhand/control";
import { type AssembledEncryptor, assembleEncryptor } from "@dekhand/encryptor";
import { type AssembledReplicator, assembleReplicator } from "@dekhand/replicator";
import { type AssembledRewrapper, assembleRewrapper } from "@dekhand/rewrapper";
import { createHealth, createMetrics, type Logger } from "@dekhand/runtime";
import { VERSION } from "../version.ts";
import { embeddedCredentials } from "./embedded-credentials.ts";
import type { Embedded } from "./start-embedded.ts";

export interface EmbeddedServices extends AsyncDisposable {
  readonly encryptor: AssembledEncryptor;
  readonly rewrapper: AssembledRewrapper;
  /** Where the configuration has replica Regions. */
  readonly replicator?: AssembledReplicator;
  /** Health and metrics. */
  readonly controlUrl: string;
}

/** How long the services may finish what they have begun, in milliseconds. */
const drainMs = 10_000;

export interface ServicesOptions {
  /** Between two looks at the campaigns, in milliseconds. Default: the control service's own. */
  readonly campaignsEveryMs?: number;
  /** Between two looks at debt that no job tells of, and its age before it is paid. Default: the replicator's own. */
  readonly debtEveryMs?: number;
}

/** Runs every service of a deployment in this process. */
export async function startServices(
  { config, redisUrl }: Pick<Embedded, "config" | "redisUrl">,
  logger: Logger,
  { campaignsEveryMs, debtEveryMs }: ServicesOptions = {},
): Promise<EmbeddedServices> {
  await using starting = new AsyncDisposableStack();
  const shared = { config, logger, credentials: embeddedCredentials };

  const worker = (service: string) => ({
    ...shared,
    workerId: `local-${service}-${randomUUID()}`,
    version: VERSION,
    redisUrl,
    metrics: createMetrics({ service }),
  });

  const encryptor = assembleEncryptor({ ...worker("encryptor"), concurrency: 256 });
  await encryptor.start();
  starting.defer(() => encryptor.drain({ ms: drainMs }));

  const rewrapper = assembleRewrapper({ ...worker("rewrapper"), concurrency: 16 });
  await rewrapper.start();
  starting.defer(() => rewrapper.drain({ ms: drainMs }));

  const hasReplicas = Object.values(config.profiles).some(({ replicas }) => Object.keys(replicas).length > 0);
  const options = debtEveryMs === undefined ? {} : { everyMs: debtEveryMs, minAgeMs: debtEveryMs };
  const replicator = hasReplicas ? assembleReplicator({ ...worker("replicator"), concurrency: 8, options }) : undefined;
  if (replicator) {
    await replicator.start();
    starting.defer(() => replicator.drain({ ms: drainMs }));
  }

  const control = assembleControl({
    ...shared,
    redisUrl,
    metrics: createMetrics({ service: "control" }),
    health: createHealth(),
    host: "127.0.0.1",
    port: 0,
    ...(campaignsEveryMs === undefined ? {} : { campaigns: { everyMs: campaignsEveryMs } }),
  });
  await control.start();
  starting.defer(() => control.drain({ ms: drainMs }));

  const started = starting.move();
  return {
    encryptor,
    rewrapper,
    ...(replicator === undefined ? {} : { replicator }),
    controlUrl: control.url() ?? "",
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}
