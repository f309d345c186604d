import type { DeploymentConfig, Logger } from "@dekhand/runtime";
import {
  createConditionalWriter,
  createDekhandWrapStore,
  createTransitWrapStore,
  type DekhandWrapStoreDeps,
  tableNames,
  type WrapStore,
} from "@dekhand/store";
import type { OpenedWrapAccess } from "../stores/open-wrap-access.ts";

export interface WrapStoresOfDeps {
  readonly config: DeploymentConfig;
  readonly dynamodb: (region: string) => DekhandWrapStoreDeps["client"];
  readonly opened: Pick<OpenedWrapAccess, "all">;
  readonly logger: Logger;
}

/**
 * Every store that may hold wraps of a Region's keys. Dekhand's own two are among them whatever the configuration says
 * now: a profile may have had its home there, or the transit keys their Region.
 */
export async function wrapStoresOf(
  region: string,
  { config, dynamodb, opened, logger }: WrapStoresOfDeps,
): Promise<readonly WrapStore[]> {
  const stores = opened.all.map(({ store }) => store).filter((store) => store.region === region);
  const tables = tableNames(config.prefix);
  const has = (name: string) => stores.some((store) => store.name === name);
  const client = dynamodb(region);
  const writer = createConditionalWriter({ client, logger });
  const own = has("dekhand") ? [] : [createDekhandWrapStore({ client, writer, tables, region })];
  const transit = has("transit") ? [] : [createTransitWrapStore({ client: dynamodb(config.control), tables, region })];
  return [...stores, ...own, ...transit];
}
