import type { CallOptions } from "../dynamodb/call-options.ts";
import type { Page, PageOptions } from "./page-types.ts";

/** What one replica Region lacks, or has stale, after one batch of work. Kept in the Region that wrote the records. */
export interface DebtItem {
  /** UUIDv7, canonical lower-case text: `newEntryId` makes one. */
  readonly id: string;
  /** The replica Region. */
  readonly region: string;
  /** At most 100. */
  readonly dekIds: readonly string[];
  /** At most 100. */
  readonly recordIds: readonly string[];
  /** ISO 8601. */
  readonly at: string;
}

/** What a Region was owed when `asOf` was. Ids count as often as items name them. */
export interface DebtStatus {
  readonly region: string;
  /** From before the first reading, ISO 8601: debt that was durable then is counted. */
  readonly asOf: string;
  readonly items: number;
  readonly records: number;
  readonly deks: number;
  /** Items that this version cannot read; they are among `items`, their ids among no count. */
  readonly malformed: number;
  /** There is more, and nobody knows how much: counting ended at its bound. `oldestAt` is right nevertheless. */
  readonly atLeast: boolean;
  /** Of the oldest item, ISO 8601; absent without debt. */
  readonly oldestAt?: string;
}

export interface DebtStatusOptions extends CallOptions {
  /** Items counted, at most, give or take one a shard. Default: all, as far as time allows. */
  readonly limit?: number;
  /** How long counting may take, in milliseconds; a page of each shard is counted in any case. Default 2,000. */
  readonly budgetMs?: number;
  /** Count nothing that is younger, ISO 8601. Default: all. */
  readonly until?: string | undefined;
}

export interface DebtStore {
  /** Returns once every item is durable; a failure may leave some of them written. Repeating it is safe. */
  putDebt(items: readonly DebtItem[], options?: CallOptions): Promise<void>;
  /** Deletes what was paid. Ids that are not there any more are no fault. */
  settleDebt(region: string, ids: readonly string[], options?: CallOptions): Promise<void>;
  /** Strongly consistent; shard by shard, in each the oldest first. A page that has no cursor is the last one. */
  listDebt(region: string, options?: PageOptions): Promise<Page<DebtItem>>;
  /** Strongly consistent, and bounded in time, however much debt there is. It reads whole items, if it takes in counts alone. */
  debtStatus(region: string, options?: DebtStatusOptions): Promise<DebtStatus>;
}
