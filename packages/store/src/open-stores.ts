import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { Logger } from "@dekhand/runtime";
import { createCampaignStore } from "./campaigns/campaign-store.ts";
import type { CampaignStore } from "./campaigns/campaign-store-types.ts";
import { createDekStore } from "./deks/dek-store.ts";
import type { DekStore } from "./deks/dek-types.ts";
import type { CallOptions } from "./dynamodb/call-options.ts";
import { createRecordStore } from "./records/record-store.ts";
import type { RecordStore } from "./records/record-types.ts";
import { createStateStore } from "./state/state-store.ts";
import type { StateStore } from "./state/state-types.ts";
import { tableNames } from "./tables/table-definitions.ts";
import { createConditionalWriter } from "./writer/create-writer.ts";

/** Everything that Dekhand keeps in one Region. */
export interface Stores {
  readonly deks: DekStore;
  readonly records: RecordStore;
  readonly state: StateStore;
  /** Of use in the control Region only. */
  readonly campaigns: CampaignStore;
}

export interface OpenStoresOptions extends CallOptions {
  readonly client: DynamoDBClient;
  /** The deployment's prefix of table names. */
  readonly prefix: string;
  readonly logger: Pick<Logger, "info">;
}

/** Finds out how to write to the Region's endpoint, then opens its tables. Throws StoreError when it cannot be reached. */
export async function openStores({ client, prefix, logger, signal }: OpenStoresOptions): Promise<Stores> {
  const tables = tableNames(prefix);
  const writer = await createConditionalWriter({ client, logger, signal });
  return {
    deks: createDekStore({ client, writer, tables }),
    records: createRecordStore({ client, writer, tables }),
    state: createStateStore({ client, tables }),
    campaigns: createCampaignStore({ client, writer, tables }),
  };
}
