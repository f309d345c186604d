import type { DecryptDeks } from "@dekhand/deks";
import type { CallOptions, DrillResult, RecordStore } from "@dekhand/store";

/** All that a drill has: one Region's tables and KMS. */
export interface DrillRegion {
  readonly region: string;
  readonly records: Pick<RecordStore, "scanHeads" | "getMany">;
  readonly deks: Pick<DecryptDeks, "acquire">;
}

export interface DrillOptions extends CallOptions {
  /** How many records are drawn, at most, or all. */
  readonly sample: DrillResult["sample"];
  /** Who asked for it. */
  readonly actor: string;
  /** The same text draws the same records of the same table. Default: a random one. */
  readonly seed?: string;
  /** Records that are opened at the same time. Default 16. */
  readonly concurrency?: number;
  readonly onProgress?: (progress: DrillProgress) => void;
}

export interface DrillProgress {
  readonly opened: number;
  readonly failed: number;
}
