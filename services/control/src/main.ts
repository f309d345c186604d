import {
  createHealth,
  createLogger,
  createMetrics,
  parseEnvironment,
  readDeploymentConfig,
  runService,
} from "@dekhand/runtime";
import { assembleControl } from "./assemble.ts";

const settings = parseEnvironment(process.env);
const logger = createLogger({ service: "control", level: settings.logLevel });
const control = assembleControl({
  config: readDeploymentConfig(settings.configFile),
  logger,
  metrics: createMetrics({ service: "control", process: true }),
  health: createHealth(),
  host: settings.opsHost,
  port: settings.opsPort,
});
process.exit(await runService(control, { logger, drainMs: settings.drainMs, process }));
