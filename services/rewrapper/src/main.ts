import { randomUUID } from "node:crypto";
import { describeQuota } from "@dekhand/kms";
import {
  createHealth,
  createLogger,
  createMetrics,
  createOpsServer,
  exitCodeOf,
  parseEnvironment,
  readDeploymentConfig,
  runService,
  WORKER_VARIABLES,
} from "@dekhand/runtime";
import packageJson from "../package.json" with { type: "json" };
import { assembleRewrapper } from "./assemble.ts";

async function main(): Promise<number> {
  const settings = parseEnvironment(process.env, WORKER_VARIABLES);
  const config = readDeploymentConfig(settings.configFile);
  const workerId = settings.workerId ?? `rewrapper-${randomUUID()}`;
  const logger = createLogger({ service: "rewrapper", workerId, level: settings.logLevel });
  const metrics = createMetrics({ service: "rewrapper", process: true });
  const health = createHealth();
  const ops = createOpsServer({ host: settings.opsHost, port: settings.opsPort, metrics, health, logger });
  const rewrapper = assembleRewrapper({
    config,
    workerId,
    version: packageJson.version,
    concurrency: settings.concurrency,
    leaseSeconds: settings.leaseSeconds,
    redisUrl: settings.redisUrl,
    logger,
    metrics,
  });
  health.register("rewrapper", async () =>
    rewrapper.ready() ? { ok: true } : { ok: false, detail: "not started, or the state table cannot be written" },
  );
  // Without the shared quota the work goes on, slower: said, and no reason to take the process out of service.
  health.register("kms-quota", async () => ({ ok: true, detail: describeQuota(rewrapper.quota()) }));
  const service = {
    async start() {
      await ops.start();
      await rewrapper.start();
    },
    async drain(deadline: { readonly ms: number }) {
      health.markDraining();
      await rewrapper.drain(deadline);
      await ops.close();
    },
  };
  return runService(service, { logger, drainMs: settings.drainMs, process });
}

process.exit(await exitCodeOf(main, process.stderr));
