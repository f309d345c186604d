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
  /** Whether the Region's DynamoDB can be reached. Throws StoreError where it cannot, and the signal's reason. */
  probe(options?: CallOptions): Promise<void>;
}

export interface OpenStoresOptions {
  readonly client: DynamoDBClient;
  /** The deployment's prefix of table names. */
  readonly prefix: string;
  readonly logger: Pick<Logger, "info">;
}

/** A Region's tables. Nothing is contacted before it is needed: a Region that is down stops nobody who does not need it. */
export function openStores({ client, prefix, logger }: OpenStoresOptions): Stores {
  const tables = tableNames(prefix);
  const writer = createConditionalWriter({ client, logger });
  return {
    deks: createDekStore({ client, writer, tables }),
    records: createRecordStore({ client, writer, tables }),
    state: createStateStore({ client, tables }),
    campaigns: createCampaignStore({ client, writer, tables }),
    async probe(options) {
      await writer.probe(options);
    },
  };
}
