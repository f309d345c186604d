import type { CallOptions } from "../dynamodb/call-options.ts";

export interface Page<T> {
  readonly entries: readonly T[];
  /** Ids of entries that this version cannot read. */
  readonly malformed: readonly string[];
  /** Hand it back for the next page; absent on the last one. */
  readonly cursor?: string;
}

export interface PageOptions extends CallOptions {
  readonly cursor?: string | undefined;
  /** At most this many entries. Default 100. */
  readonly limit?: number;
}
