/**
 * Where sealed records are kept: written once, replaced by a higher revision
 * only, read whole or not at all. Knows nothing of keys or plaintext.
 */

import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { TableNames } from "../tables/table-definitions.ts";
import type { ConditionalWriter } from "../writer/conditional-write.ts";
import { getRecord } from "./get-record.ts";
import { putRecords } from "./put-records.ts";
import type { RecordStore } from "./record-types.ts";
import { resealRecord } from "./reseal-record.ts";
import { getHead, scanHeads } from "./scan-heads.ts";

export interface RecordStoreDeps {
  readonly client: DynamoDBClient;
  readonly writer: ConditionalWriter;
  readonly tables: Pick<TableNames, "records">;
  /** For `createdAt`. Default: the machine's clock. */
  readonly now?: () => Date;
}

export function createRecordStore({ client, writer, tables, now = () => new Date() }: RecordStoreDeps): RecordStore {
  const table = tables.records;
  return {
    put: (records, options = {}) => putRecords({ client, writer, table, now }, records, options),
    get: (recordId, options = {}) => getRecord({ client, table }, recordId, options),
    getHead: (recordId, options = {}) => getHead({ client, table }, recordId, options),
    scanHeads: (segment, options = {}) => scanHeads({ client, table }, segment, options),
    reseal: (record, next, options = {}) => resealRecord({ client, writer, table }, record, next, options),
  };
}
