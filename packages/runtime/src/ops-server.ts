/**
 * The HTTP server for operators and probes: `/health/live`, `/health/ready`
 * (200 or 503, JSON) and `/metrics` (Prometheus text). It has no
 * authentication, so it listens on loopback unless told otherwise.
 */
import { fastify } from "fastify";
import { RuntimeError } from "./errors.ts";
import type { Health } from "./health.ts";
import type { Logger } from "./logger.ts";
import type { Metrics } from "./metrics.ts";

export interface OpsServerOptions {
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** 0 takes a free port. */
  readonly port: number;
  readonly metrics: Metrics;
  readonly health: Health;
  readonly logger: Logger;
}

export interface OpsServer {
  /** Throws RUNTIME_OPS_LISTEN_FAILED. */
  start(): Promise<{ readonly url: string }>;
  /** Ends open connections too. */
  close(): Promise<void>;
}

export function createOpsServer(options: OpsServerOptions): OpsServer {
  const { host = "127.0.0.1", port, metrics, health, logger } = options;
  const app = fastify({ logger: false, forceCloseConnections: true, bodyLimit: 1_024, connectionTimeout: 30_000 });

  for (const kind of ["live", "ready"] as const) {
    app.get(`/health/${kind}`, async (_request, reply) => {
      const report = await health.report(kind);
      return reply
        .code(report.ok ? 200 : 503)
        .header("cache-control", "no-store")
        .send(report);
    });
  }
  app.get("/metrics", async (_request, reply) => reply.type(metrics.registry.contentType).send(await metrics.render()));
  app.setErrorHandler(async (error, request, reply) => {
    logger.error({ err: error, route: request.routeOptions.url }, "ops request failed");
    return reply.code(500).send({ error: "internal" });
  });

  return {
    async start() {
      try {
        const url = await app.listen({ host, port });
        logger.info({ url }, "health and metrics are served");
        return { url };
      } catch (cause) {
        const context = { host, port };
        throw new RuntimeError("RUNTIME_OPS_LISTEN_FAILED", `cannot listen on ${host} port ${port}`, {
          cause,
          context,
        });
      }
    },
    async close() {
      await app.close();
    },
  };
}
