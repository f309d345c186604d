import { type RetireDeps, wrapStoresOf } from "@dekhand/campaign";
import type { Connection } from "../../connect.ts";

/** What a retirement needs of the deployment, for the keys of one Region. */
export async function retireDeps(connection: Connection, region: string): Promise<RetireDeps> {
  const { config, clients, logger, kms } = connection;
  const control = await connection.stores(config.control);
  const home = await connection.stores(region);
  return {
    config,
    kms: kms(region),
    state: control.state,
    leftKeys: home.state,
    campaigns: control.campaigns,
    async stores() {
      const opened = await connection.wrapAccess();
      const dynamodb = (one: string) => clients.region(one).dynamodb;
      return wrapStoresOf(region, { config, dynamodb, opened, logger });
    },
    now: () => new Date(),
  };
}
