import type { CallOptions } from "../dynamodb/call-options.ts";
import type { Page, PageOptions } from "./page-types.ts";

/** What a drill found: records opened with nothing but one Region's tables and KMS. Times are ISO 8601. */
export interface DrillResult {
  /** UUIDv7, canonical lower-case text: `newEntryId` makes one. Drills are told in its order. */
  readonly id: string;
  /** The Region whose records were opened. */
  readonly region: string;
  readonly startedAt: string;
  readonly endedAt: string;
  /** Records that were to be opened; each was `opened` or `failed`. */
  readonly asked: number;
  readonly opened: number;
  readonly failed: number;
  /** The first 20; more are cut. */
  readonly failures: readonly DrillFailure[];
  /** How many records were drawn, at most, or all. */
  readonly sample: number | "all";
  readonly actor: string;
}

export interface DrillFailure {
  /** Absent where it was no single record's. */
  readonly recordId?: string;
  /** An error's code. */
  readonly code: string;
}

export interface DrillStore {
  /** The same id again replaces the result. */
  putDrill(result: DrillResult, options?: CallOptions): Promise<void>;
  /** The newest one of that Region. Throws STORE_ITEM_MALFORMED where it cannot be read: an older one must not stand in for it. */
  lastDrill(region: string, options?: CallOptions): Promise<DrillResult | undefined>;
  /** The newest first. A page that has no cursor is the last one. */
  listDrills(region: string, options?: PageOptions): Promise<Page<DrillResult>>;
}
