/**
 * Campaigns, their segments and failures, in the control Region's `campaigns`
 * table. Fails with StoreErrors. Leaves to `@dekhand/campaign` which change is
 * allowed when, and what counts and documents mean.
 */

import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { TableNames } from "../tables/table-definitions.ts";
import type { ConditionalWriter } from "../writer/conditional-write.ts";
import { segmentPrefix } from "./campaign-keys.ts";
import { findLockHolder } from "./campaign-locks.ts";
import { readRoot } from "./campaign-root.ts";
import type { CampaignStore } from "./campaign-store-types.ts";
import { createCampaignTable } from "./campaign-table.ts";
import { changeControls, changeStatus, readHistory } from "./change-campaign.ts";
import { createCampaign } from "./create-campaign.ts";
import { getDocument, putDocument } from "./documents.ts";
import { countFailures, getFailure, listFailures, recordFailures, resolveFailure, skipFailure } from "./failures.ts";
import { listCampaigns, listItems } from "./list-campaigns.ts";
import { readSegment } from "./segment-items.ts";
import { claimSegment, createSegments, getSegment, saveCheckpoint } from "./segments.ts";

export interface CampaignStoreDeps {
  readonly client: DynamoDBClient;
  readonly writer: ConditionalWriter;
  readonly tables: Pick<TableNames, "campaigns">;
  /** For the age of locks. Default: the machine's clock. */
  readonly now?: () => Date;
  /**
   * For how long a lock whose campaign does not exist is left to who took it, in milliseconds. Default 30,000. Shorter
   * costs a slow creation its campaign, never two campaigns one key.
   */
  readonly lockPatienceMs?: number;
}

export function createCampaignStore(deps: CampaignStoreDeps): CampaignStore {
  const { client, writer, tables, now = () => new Date(), lockPatienceMs: patienceMs = 30_000 } = deps;
  const table = createCampaignTable(client, writer, tables.campaigns);
  return {
    create: (campaign, locks, options = {}) => createCampaign(table, campaign, locks, { ...options, now, patienceMs }),
    async get(id, options = {}) {
      const root = await readRoot(table, id, options);
      return root.kind === "campaign" ? root.campaign : undefined;
    },
    list: (options = {}) => listCampaigns(table, options),
    history: (id, options = {}) => readHistory(table, id, options),
    lockHolder: (lock, options = {}) => findLockHolder(table, lock, options),

    transition: (id, change, options = {}) => changeStatus(table, id, change, options),
    setControls: (id, change, options = {}) => changeControls(table, id, change, options),

    putDocument: (id, name, body, options = {}) => putDocument(table, id, name, body, options),
    getDocument: (id, name, options = {}) => getDocument(table, id, name, options),

    createSegments: (id, segments, options = {}) => createSegments(table, id, segments, options),
    getSegment: (id, number, options = {}) => getSegment(table, id, number, options),
    listSegments: (id, options = {}) => listItems(table, id, segmentPrefix, readSegment, options),
    claimSegment: (id, number, by, options = {}) => claimSegment(table, id, number, by, options),
    checkpoint: (segment, progress, options = {}) => saveCheckpoint(table, segment, progress, options),

    recordFailures: (id, failures, options = {}) => recordFailures(table, id, failures, options),
    getFailure: async (id, failure, options = {}) => (await getFailure(table, id, failure, options))?.failure,
    listFailures: (id, options = {}) => listFailures(table, id, options),
    countFailures: (id, options = {}) => countFailures(table, id, options),
    resolveFailure: (id, failure, options = {}) => resolveFailure(table, id, failure, options),
    skipFailure: (id, failure, by, options = {}) => skipFailure(table, id, failure, by, options),
  };
}
