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
import { assembleEncryptor } from "./assemble.ts";

async function main(): Promise<number> {
  const settings = parseEnvironment(process.env, WORKER_VARIABLES);
  const config = readDeploymentConfig(settings.configFile);
  const workerId = settings.workerId ?? `encryptor-${randomUUID()}`;
  const logger = createLogger({ service: "encryptor", workerId, level: settings.logLevel });
  const metrics = createMetrics({ service: "encryptor", process: true });
  const health = createHealth();
  const ops = createOpsServer({ host: settings.opsHost, port: settings.opsPort, metrics, health, logger });
  const encryptor = assembleEncryptor({
    config,
    workerId,
    version: packageJson.version,
    concurrency: settings.concurrency,
    leaseSeconds: settings.leaseSeconds,
    redisUrl: settings.redisUrl,
    logger,
    metrics,
  });
  health.register("encryptor", async () =>
    encryptor.ready() ? { ok: true } : { ok: false, detail: "not started, or the state table cannot be written" },
  );
  // Without the shared quota the work goes on, slower: said, and no reason to take the process out of service.
  health.register("kms-quota", async () => ({ ok: true, detail: describeQuota(encryptor.quota()) }));
  const service = {
    async start() {
      await ops.start();
      await encryptor.start();
    },
    async drain(deadline: { readonly ms: number }) {
      health.markDraining();
      await encryptor.drain(deadline);
      await ops.close();
    },
  };
  return runService(service, { logger, drainMs: settings.drainMs, process });
}

process.exit(await exitCodeOf(main, process.stderr));
