/**
 * All that reconciling and status need, from a deployment's configuration and the
 * connections of a process. Nothing is contacted yet.
 */

import type { AwsClients } from "@dekhand/aws";
import { createBridgeKeys, createKeyDirectory, createProfileHomes } from "@dekhand/deks";
import type { KmsGovernor } from "@dekhand/kms";
import { type DeploymentConfig, type Logger, type Metrics, regionsOf } from "@dekhand/runtime";
import {
  type CallOptions,
  createConditionalWriter,
  createDekhandWrapStore,
  type Stores,
  tableNames,
} from "@dekhand/store";
import type { ReconcileDeps, ReconcileRegion, ReconcileScope } from "./reconcile/reconcile-types.ts";
import type { TidyDeps } from "./reconcile/tidy-parts.ts";
import type { ReplicaStatusDeps } from "./status/status-types.ts";

export interface OpenRecoveryOptions {
  readonly config: DeploymentConfig;
  readonly clients: AwsClients;
  readonly kms: (region: string) => KmsGovernor;
  readonly storesOf: (region: string) => Stores;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

export interface OpenedRecovery extends Disposable {
  readonly reconcile: ReconcileDeps;
  readonly status: ReplicaStatusDeps;
  /** Each home with each of its replica Regions, as profiles' homes are by now. Throws as `ProfileHomes.of`. */
  scopes(options?: CallOptions): Promise<readonly ReconcileScope[]>;
  /** The Regions whose tables hold parts that may be old: of global tables only those of homes, which carry all else. */
  tidyRegions(options?: CallOptions): Promise<readonly string[]>;
  tidy(region: string): TidyDeps;
}

export function openRecovery(options: OpenRecoveryOptions): OpenedRecovery {
  const { config, clients, kms, storesOf, logger, metrics } = options;
  const { profiles, control, tables: mode } = config;
  const homes = createProfileHomes({ profiles, state: storesOf(control).state, logger });
  const keys = createKeyDirectory({ profiles, kms, logger });
  const bridges = createBridgeKeys({ kms });
  const opened = new Map<string, ReconcileRegion>();
  const held = new Set(Object.values(profiles).flatMap(regionsOf));

  const open = (region: string): ReconcileRegion => {
    const client = clients.region(region).dynamodb;
    const writer = createConditionalWriter({ client, logger });
    const wraps = createDekhandWrapStore({ client, writer, tables: tableNames(config.prefix), region });
    return { region, stores: storesOf(region), kms: kms(region), wraps };
  };
  const regionOf = (region: string): ReconcileRegion => {
    const known = opened.get(region) ?? open(region);
    opened.set(region, known);
    return known;
  };
  const effective = ({ signal }: CallOptions) =>
    Promise.all(Object.keys(profiles).map(async (name) => (await homes.of(name, { signal })).profile));

  return {
    reconcile: { profiles, homes, regionOf, keys, bridges, mode, logger, metrics },
    status: {
      profiles,
      homes,
      control,
      stateOf: (region) => storesOf(region).state,
      breakerOf: (region) => kms(region).status().breaker.state,
    },
    async scopes(call = {}) {
      const pairs = (await effective(call)).flatMap(({ home, replicas }) =>
        Object.keys(replicas).map((region) => [`${home} ${region}`, { home, region }] as const),
      );
      return [...new Map(pairs).values()];
    },
    async tidyRegions(call = {}) {
      return mode === "regional" ? [...held] : [...new Set((await effective(call)).map(({ home }) => home))];
    },
    tidy(region) {
      const { records, state } = storesOf(region);
      const others = [...held].filter((other) => other !== region).map((other) => storesOf(other).records);
      return { records, state, others };
    },
    [Symbol.dispose]: () => homes.close(),
  };
}
