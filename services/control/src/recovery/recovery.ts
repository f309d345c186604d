/**
 * Replica Regions as a part of the control service: shows how they stand, compares
 * them with their homes, and drills them. None of it says anything about the
 * service's health, and nothing waits for it.
 */

import type { AwsClients, AwsClientsOptions } from "@dekhand/aws";
import { createKmsGovernors, createKmsQuota } from "@dekhand/kms";
import { createStatusMetrics, noteDebts, openDrillRegion, openRecovery, readReplicaStatus } from "@dekhand/recovery";
import type { DeploymentConfig, Logger, Metrics, Service } from "@dekhand/runtime";
import { openStores, type Stores } from "@dekhand/store";
import { keepDrilling } from "./drilling.ts";
import { keepReconciling } from "./reconciling.ts";
import { repeat } from "./repeat.ts";

export interface RecoveryDeps {
  readonly config: DeploymentConfig;
  readonly clients: AwsClients;
  readonly redisUrl?: string | undefined;
  /** Default: the SDK's own chain. */
  readonly credentials?: AwsClientsOptions["credentials"];
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly options?: Partial<RecoveryOptions>;
}

export interface RecoveryOptions {
  /** Between two looks at debt, coverage and drills, in milliseconds. Default 15,000. */
  readonly statusEveryMs: number;
  /** Between two looks whether a pass or a drill is due, in milliseconds. Default 30,000. */
  readonly lookEveryMs: number;
}

export function createRecovery(deps: RecoveryDeps): Service {
  const stopped = new AbortController();
  let running: Running | undefined;
  return {
    async start() {
      running = begin(deps, stopped.signal);
    },
    async drain() {
      stopped.abort();
      await running?.ended;
      running?.[Symbol.dispose]();
    },
  };
}

interface Running extends Disposable {
  /** After the signal has aborted. Never rejects. */
  readonly ended: Promise<unknown>;
}

function begin(deps: RecoveryDeps, signal: AbortSignal): Running {
  const { config, clients, redisUrl, credentials, logger, metrics } = deps;
  const { statusEveryMs = 15_000, lookEveryMs = 30_000 } = deps.options ?? {};
  const { prefix, control, drills } = config;
  const quota = createKmsQuota({ config: config.quota, prefix, redisUrl, metrics, logger });
  const kms = createKmsGovernors({ clientFor: (region) => clients.region(region).kms, quota, metrics, logger });
  const opened = new Map<string, Stores>();
  const storesOf = (region: string): Stores => {
    const known = opened.get(region) ?? openStores({ client: clients.region(region).dynamodb, prefix, logger });
    opened.set(region, known);
    return known;
  };
  const recovery = openRecovery({ config, clients, kms, storesOf, logger, metrics });
  const shown = createStatusMetrics(metrics);
  const show = async () => {
    const all = await readReplicaStatus(recovery.status, { signal });
    shown.show(all, Date.now());
    // So that a replica Region knows what it was owed once its home is gone.
    await noteDebts(all, (region) => storesOf(region).state, { signal });
  };
  const open = (region: string) =>
    openDrillRegion({
      config,
      region,
      redisUrl,
      logger,
      metrics,
      ...(credentials === undefined ? {} : { credentials }),
    });
  const { state } = storesOf(control);
  const look = { signal, lookEveryMs };
  return {
    ended: Promise.all([
      repeat(show, { everyMs: statusEveryMs, signal, logger, what: "cannot see how replica Regions stand" }),
      keepReconciling({ config, recovery, logger }, look),
      ...(drills ? [keepDrilling({ config, drills, recovery, open, state, logger }, look)] : []),
    ]),
    [Symbol.dispose]() {
      recovery[Symbol.dispose]();
      quota.close();
    },
  };
}
