import {
  createHealth,
  createLogger,
  createMetrics,
  exitCodeOf,
  fields,
  parseEnvironment,
  readDeploymentConfig,
  runService,
  variable,
} from "@dekhand/runtime";
import { assembleControl } from "./assemble.ts";

/** Another port than the encryptor's, so that both run on one host. */
const opsPort = variable(
  "DEKHAND_OPS_PORT",
  fields.wholeNumber({ min: 0, max: 65_535 }).default(9_465),
  "port for health and metrics; 0 takes a free one",
);

async function main(): Promise<number> {
  const settings = parseEnvironment(process.env, { opsPort });
  const config = readDeploymentConfig(settings.configFile, settings);
  const logger = createLogger({ service: "control", level: settings.logLevel });
  const control = assembleControl({
    config,
    redisUrl: settings.redisUrl,
    logger,
    metrics: createMetrics({ service: "control", process: true }),
    health: createHealth(),
    host: settings.opsHost,
    port: settings.opsPort,
  });
  return runService(control, { logger, drainMs: settings.drainMs, process });
}

process.exit(await exitCodeOf(main, process.stderr));
