/**
 * Where sealed records are kept: written once, replaced by a higher revision
 * only, read whole or not at all. Knows nothing of keys or plaintext.
 */

import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { singleCopy } from "../copies/single-copy.ts";
import type { TableNames } from "../tables/table-definitions.ts";
import type { ConditionalWriter } from "../writer/conditional-write.ts";
import { getHeads } from "./get-heads.ts";
import { getRecord } from "./get-record.ts";
import { getRecords } from "./get-records.ts";
import { getLost, keepLost } from "./lost-records.ts";
import { createOldParts } from "./old-parts.ts";
import { putCopies } from "./put-copies.ts";
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
  const store: RecordStore = {
    ...createOldParts({ client, writer, table }),
    put: (records, options = {}) => putRecords({ client, writer, table, now }, records, options),
    get: (recordId, options = {}) => getRecord({ client, table }, recordId, options),
    getHead: (recordId, options = {}) => getHead({ client, table }, recordId, options),
    scanHeads: (segment, options = {}) => scanHeads({ client, table }, segment, options),
    reseal: (record, next, options = {}) => resealRecord({ client, writer, table }, record, next, options),
    getHeads: (recordIds, options = {}) => getHeads({ client, table }, recordIds, options),
    getMany: (recordIds, options = {}) => getRecords({ client, table }, recordIds, options),
    putCopies: (copies, options = {}) => putCopies({ client, writer, table }, copies, options),
    putCopy: (record, expected, options = {}) =>
      singleCopy(options, () => store.putCopies([{ record, expected }], options)),
    keepLost: (record, options = {}) => keepLost({ client, table }, record, options),
    getLost: (recordId, sealId, options = {}) => getLost({ client, table }, recordId, { sealId, ...options }),
  };
  return store;
}
