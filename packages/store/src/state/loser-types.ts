import type { CallOptions } from "../dynamodb/call-options.ts";
import type { Page, PageOptions } from "./page-types.ts";

/**
 * A record that was written in two Regions while neither knew of the other, and lost at the return. Its envelope is kept
 * beside the winner's: `RecordStore.keepLost`.
 */
export interface Loser {
  readonly recordId: string;
  /** Where it was written, and is kept. */
  readonly region: string;
  readonly epoch: number;
  readonly revision?: number;
  /** The envelope's nonce, lower-case hex. */
  readonly sealId: string;
  readonly dekId: string;
  /** When it was settled, ISO 8601. */
  readonly at: string;
}

export interface LoserStore {
  /** One entry a record and sealing; repeating it is safe and keeps the first `at`. */
  putLoser(loser: Loser, options?: CallOptions): Promise<void>;
  /** By record id. A page that has no cursor is the last one. */
  listLosers(options?: PageOptions): Promise<Page<Loser>>;
}
