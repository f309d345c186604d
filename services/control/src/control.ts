/**
 * The control service: shows how a deployment stands. It reads the state table
 * and the queues at a steady pace and serves health and metrics over HTTP. It
 * takes no part in a record's way, so nothing stops when it does.
 */

import { describeError } from "@dekhand/errors";
import { createOpsServer, type Health, type Logger, type Metrics, type Service, sleep } from "@dekhand/runtime";
import { type DeploymentStatus, readStatus, type StatusSource } from "./deployment-status.ts";

export interface ControlDeps extends StatusSource {
  readonly health: Health;
  readonly metrics: Metrics;
  readonly logger: Logger;
  readonly host?: string;
  /** Of the HTTP server; 0 takes a free one. */
  readonly port: number;
  /** Between two looks, in milliseconds. Default 10,000. */
  readonly everyMs?: number;
}

export interface Control extends Service {
  /** Where health and metrics are served; undefined before `start`. */
  url(): string | undefined;
}

export function createControl(deps: ControlDeps): Control {
  const { health, metrics, logger } = deps;
  const stopped = new AbortController();
  const server = createOpsServer({ ...deps, ...(deps.host === undefined ? {} : { host: deps.host }) });
  const messages = metrics.gauge("queue_messages", "Messages in an SQS queue, approximately", ["queue", "state"]);
  const workers = metrics.gauge("workers_alive", "Workers with a recent heartbeat", ["worker_service"]);
  let lastFailure: string | undefined = "not looked yet";
  let looking: Promise<void> = Promise.resolve();
  let url: string | undefined;

  const show = (status: DeploymentStatus) => {
    for (const { queue, waiting, inFlight, delayed } of status.queues) {
      messages.set({ queue, state: "waiting" }, waiting);
      messages.set({ queue, state: "in_flight" }, inFlight);
      messages.set({ queue, state: "delayed" }, delayed);
    }
    workers.reset();
    for (const [service, count] of Object.entries(status.workers)) workers.set({ worker_service: service }, count);
  };

  const look = async () => {
    try {
      show(await readStatus(deps, stopped.signal));
      lastFailure = undefined;
    } catch (error) {
      lastFailure = describeError(error).code;
      if (!stopped.signal.aborted) logger.warn({ err: error }, "cannot see how the deployment stands");
    }
  };

  const keepLooking = async () => {
    while (!stopped.signal.aborted) {
      await look();
      await sleep(deps.everyMs ?? 10_000, { signal: stopped.signal }).catch(() => undefined);
    }
  };

  health.register("deployment", async () =>
    lastFailure === undefined ? { ok: true } : { ok: false, detail: lastFailure },
  );

  return {
    url: () => url,
    async start() {
      ({ url } = await server.start());
      looking = keepLooking();
    },
    async drain() {
      health.markDraining();
      stopped.abort();
      await looking;
      await server.close();
    },
  };
}
