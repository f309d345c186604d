/**
 * Every wrap store that a deployment's configuration knows, opened: Dekhand's own
 * tables in each Region of a profile, its transit keys, and the stores of others.
 *
 * The configuration alone says which KMS keys may be called for which store. What
 * cannot be opened fails the opening, and leaves nothing open; a key that cannot
 * be looked up does not, it is left out until it can be.
 */

import type { KeyDirectory } from "@dekhand/deks";
import type { KmsGovernor } from "@dekhand/kms";
import { allOrAbort, type DeploymentConfig, type Logger, regionsOf } from "@dekhand/runtime";
import {
  type CallOptions,
  type ConditionalWriter,
  createConditionalWriter,
  type DekhandWrapStoreDeps,
  type Stores,
} from "@dekhand/store";
import type { WrapAccess } from "../wrap-access.ts";
import { openForeignAccess } from "./foreign-access.ts";
import { openOwnAccess, openTransitAccess } from "./own-access.ts";
import { requireConnections } from "./postgres-connections.ts";

export interface OpenWrapAccessDeps extends CallOptions {
  readonly config: DeploymentConfig;
  readonly dynamodb: (region: string) => DekhandWrapStoreDeps["client"];
  readonly kms: (region: string) => KmsGovernor;
  readonly keys: Pick<KeyDirectory, "allows">;
  /** Where a profile's home is by now: of global tables, that Region's is read and written. Default: as it is configured. */
  readonly homeOf?: (profile: string, options: CallOptions) => Promise<string | undefined>;
  /** Of each Region of a profile. */
  readonly stores: (region: string) => OwnStores | Promise<OwnStores>;
  /** The value of an environment variable that the configuration names. */
  readonly secret: (name: string) => string | undefined;
  readonly logger: Logger;
}

export interface OwnStores extends Pick<Stores, "deks"> {
  readonly state: Pick<Stores["state"], "getHome">;
}

export interface OpenedWrapAccess extends AsyncDisposable {
  readonly all: readonly WrapAccess[];
  /** Undefined where the configuration has no such store in that Region. */
  find(store: string, region: string): WrapAccess | undefined;
}

/** What the opening of one store takes. */
export interface StoreOpening extends Omit<OpenWrapAccessDeps, "signal"> {
  /** One for each Region. */
  readonly writer: (region: string) => ConditionalWriter;
  /** Ends with what is opened. */
  readonly closing: AsyncDisposableStack;
}

/**
 * Throws ConfigError where variables with connection strings are missing, StoreError for a store that cannot be opened,
 * which its message names, and the signal's reason.
 */
export async function openWrapAccess({ signal, ...deps }: OpenWrapAccessDeps): Promise<OpenedWrapAccess> {
  const { config, logger } = deps;
  requireConnections(Object.values(config.wrapStores), deps.secret);
  await using closing = new AsyncDisposableStack();
  const writers = new Map<string, ConditionalWriter>();
  const writer = (region: string) => {
    const known = writers.get(region) ?? createConditionalWriter({ client: deps.dynamodb(region), logger });
    writers.set(region, known);
    return known;
  };
  const opening: StoreOpening = { ...deps, writer, closing };
  const regions = new Set(Object.values(config.profiles).flatMap(regionsOf));
  const { transit } = config;
  const all = await allOrAbort<WrapAccess>(
    [
      ...[...regions].map((region) => () => openOwnAccess(region, opening)),
      ...(transit ? [(stop: AbortSignal) => openTransitAccess(transit, opening, stop)] : []),
      ...Object.values(config.wrapStores).map(
        (store) => (stop: AbortSignal) => openForeignAccess(store, opening, stop),
      ),
    ],
    signal,
  );
  const opened = closing.move();
  return {
    all,
    find: (name, region) => all.find(({ store }) => store.name === name && store.region === region),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}
