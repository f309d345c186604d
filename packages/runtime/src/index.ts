export { allOrAbort } from "./all-or-abort.ts";
export { type BackoffOptions, fullJitterDelay } from "./backoff.ts";
export { type Clock, systemClock } from "./clock.ts";
export {
  type DeploymentConfig,
  type DrillsConfig,
  type Profile,
  type QueueNames,
  type QuotaConfig,
  REPLICA_STRATEGIES,
  type ReconcileConfig,
  type RegionEndpoints,
  type Replica,
  type ReplicaStrategy,
  TABLE_MODES,
  type TableMode,
  type TransitConfig,
} from "./config/deployment-config.ts";
export { deploymentSchema, isReservedContextKey } from "./config/deployment-schema.ts";
export {
  BASE_VARIABLES,
  type EnvironmentVariable,
  parseEnvironment,
  variable,
  WORKER_VARIABLES,
} from "./config/environment.ts";
export { type FractionRange, fields, type Range } from "./config/fields.ts";
export { isKeyArn, keyReferenceRegion } from "./config/key-reference.ts";
export { parseConfig } from "./config/parse-config.ts";
export { profileAt, regionsOf } from "./config/profile-regions.ts";
export { replicateQueue, sqsQueues } from "./config/queue-names.ts";
export {
  type ConfigOverrides,
  parseDeploymentConfig,
  readDeploymentConfig,
  toDeploymentConfig,
} from "./config/read-deployment-config.ts";
export { parseDuration, parseSize } from "./config/units.ts";
export type {
  DynamodbWrapStoreConfig,
  ModuleWrapStoreConfig,
  PostgresWrapStoreConfig,
  TableKeyAttribute,
  TableMapping,
  WrapEncoding,
  WrapStoreConfig,
} from "./config/wrap-store-config.ts";
export { ConfigError, type ConfigProblem, RUNTIME_ERROR_CODES, RuntimeError } from "./errors.ts";
export { exitCodeOf, UNUSABLE_SETTINGS_EXIT_CODE } from "./exit-code-of.ts";
export {
  type Check,
  type CheckOptions,
  type CheckResult,
  createHealth,
  type Health,
  type HealthReport,
} from "./health.ts";
export { EXIT_CODES, type RunOptions, runService, type Service } from "./lifecycle.ts";
export { createLogger, LOG_LEVELS, type Logger, type LoggerOptions, type LogLevel } from "./logger.ts";
export { createMetrics, LATENCY_BUCKETS_SECONDS, type Metrics, type MetricsOptions } from "./metrics.ts";
export { createOpsServer, type OpsServer, type OpsServerOptions } from "./ops-server.ts";
export { type RateLimitedLogger, rateLimited } from "./rate-limited-logger.ts";
export { redactUrl } from "./redact-url.ts";
export { anySignal, deadlineExceeded, deadlineIn, type ScopedSignal } from "./signals.ts";
export { sleep } from "./sleep.ts";
export { waitFor } from "./wait-for.ts";
