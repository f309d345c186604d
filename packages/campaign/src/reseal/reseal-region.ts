import type { DekStore, RecordStore } from "@dekhand/store";

/** The tables of one Region, as far as the statuses of DEKs and the heads of records go. */
export interface ResealRegion {
  readonly region: string;
  readonly deks: Pick<DekStore, "getSummary" | "setStatus" | "scan">;
  readonly records: Pick<RecordStore, "scanHeads">;
}
