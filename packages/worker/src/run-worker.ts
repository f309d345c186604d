import { randomUUID } from "node:crypto";
import { describeQuota } from "@dekhand/kms";
import {
  BASE_VARIABLES,
  createHealth,
  createLogger,
  createMetrics,
  createOpsServer,
  fields,
  parseEnvironment,
  type RunOptions,
  readDeploymentConfig,
  runService,
  variable,
  WORKER_VARIABLES,
} from "@dekhand/runtime";
import type { AssembledWorker } from "./assemble-worker.ts";
import type { WorkerAssembly } from "./worker-assembly.ts";

export interface RunWorkerOptions<Job> {
  /** Of the service: in logs, metrics, health and the worker's id. */
  readonly name: string;
  readonly version: string;
  /** Jobs in work at once where DEKHAND_CONCURRENCY does not say. Default: that variable's own. */
  readonly concurrency?: number;
  readonly assemble: (assembly: WorkerAssembly) => AssembledWorker<Job>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where signals and uncaught errors come from. */
  readonly process: RunOptions["process"];
}

/** A worker as a process of its own, with health and metrics. Resolves with the exit code; throws ConfigError. */
export async function runWorker<Job>({
  name,
  version,
  assemble,
  concurrency: usual,
  env,
  process,
}: RunWorkerOptions<Job>): Promise<number> {
  const settings = parseEnvironment(env, { ...WORKER_VARIABLES, ...concurrencyVariable(usual) });
  const config = readDeploymentConfig(settings.configFile, settings);
  const workerId = settings.workerId ?? `${name}-${randomUUID()}`;
  const logger = createLogger({ service: name, workerId, level: settings.logLevel });
  const metrics = createMetrics({ service: name, process: true });
  const health = createHealth();
  const ops = createOpsServer({ host: settings.opsHost, port: settings.opsPort, metrics, health, logger });
  const { concurrency, leaseSeconds, redisUrl } = settings;
  const shared = { config, workerId, version, concurrency, leaseSeconds, redisUrl, logger, metrics };
  const worker = assemble({ ...shared, secret: (variable) => secretIn(env, variable) });
  health.register(name, async () =>
    worker.ready() ? { ok: true } : { ok: false, detail: "not started, or the state table cannot be written" },
  );
  // Without the shared quota the work goes on, slower: said, and no reason to take the process out of service.
  health.register("kms-quota", async () => ({ ok: true, detail: describeQuota(worker.quota()) }));
  const service = {
    async start() {
      await ops.start();
      await worker.start();
    },
    async drain(deadline: { readonly ms: number }) {
      health.markDraining();
      await worker.drain(deadline);
      await ops.close();
    },
  };
  return runService(service, { logger, drainMs: settings.drainMs, process });
}

function concurrencyVariable(usual = 256) {
  const { name, meaning } = BASE_VARIABLES.concurrency;
  return { concurrency: variable(name, fields.wholeNumber({ min: 1, max: 10_000 }).default(usual), meaning) };
}

/** Whoever writes the configuration may name what is meant for Dekhand, and nothing else of the environment. */
function secretIn(env: RunWorkerOptions<unknown>["env"], name: string): string | undefined {
  return name.startsWith("DEKHAND_") && Object.hasOwn(env, name) ? env[name] || undefined : undefined;
}
