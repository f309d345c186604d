import { type OpenedRecovery, openRecovery } from "@dekhand/recovery";
import { createMetrics, type DeploymentConfig } from "@dekhand/runtime";
import { openStores, type Stores } from "@dekhand/store";
import type { Connection } from "../connect.ts";
import { CliError } from "../errors.ts";

/** Of a connection: closed before it. */
export function openReplicas({ config, clients, kms, logger }: Connection): OpenedRecovery {
  const opened = new Map<string, Stores>();
  const storesOf = (region: string): Stores => {
    const { prefix } = config;
    const known = opened.get(region) ?? openStores({ client: clients.region(region).dynamodb, prefix, logger });
    opened.set(region, known);
    return known;
  };
  return openRecovery({ config, clients, kms, storesOf, logger, metrics: createMetrics({ service: "cli" }) });
}

/** Throws CLI_USAGE for a Region that holds no records of any profile. */
export function requireRecordRegion({ profiles }: DeploymentConfig, region: string): string {
  const known = new Set(Object.values(profiles).flatMap(({ home, replicas }) => [home, ...Object.keys(replicas)]));
  if (known.has(region)) return region;
  throw new CliError("CLI_USAGE", `--region takes a Region of a profile: ${[...known].join(", ")}`);
}
