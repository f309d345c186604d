import { randomUUID } from "node:crypto";
import { assembleControl } from "@dekhand/control";
import { type AssembledEncryptor, assembleEncryptor } from "@dekhand/encryptor";
import { createHealth, createMetrics, type Logger } from "@dekhand/runtime";
import { VERSION } from "../version.ts";
import { embeddedCredentials } from "./embedded-credentials.ts";
import type { Embedded } from "./start-embedded.ts";

export interface EmbeddedServices extends AsyncDisposable {
  readonly encryptor: AssembledEncryptor;
  /** Health and metrics. */
  readonly controlUrl: string;
}

/** How long the services may finish what they have begun, in milliseconds. */
const drainMs = 10_000;

/** Runs every service of a deployment in this process. */
export async function startServices({ config, redisUrl }: Embedded, logger: Logger): Promise<EmbeddedServices> {
  await using starting = new AsyncDisposableStack();
  const shared = { config, logger, credentials: embeddedCredentials };

  const encryptor = assembleEncryptor({
    ...shared,
    workerId: `local-${randomUUID()}`,
    version: VERSION,
    concurrency: 256,
    redisUrl,
    metrics: createMetrics({ service: "encryptor" }),
  });
  await encryptor.start();
  starting.defer(() => encryptor.drain({ ms: drainMs }));

  const control = assembleControl({
    ...shared,
    metrics: createMetrics({ service: "control" }),
    health: createHealth(),
    host: "127.0.0.1",
    port: 0,
  });
  await control.start();
  starting.defer(() => control.drain({ ms: drainMs }));

  const started = starting.move();
  return {
    encryptor,
    controlUrl: control.url() ?? "",
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}
