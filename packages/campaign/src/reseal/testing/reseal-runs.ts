/** Runs of a reseal over sealed records, with parts of what the run uses exchanged, and what must hold afterwards. */

import type { RecordStore, StoredRecord } from "@dekhand/store";
import { expect } from "vitest";
import type { SegmentRun } from "../../run-segment.ts";
import type { ResealAccess } from "../reseal-access.ts";
import { type RunResealSegmentOptions, runResealSegment } from "../run-reseal-segment.ts";
import { type SealedRecords, textOf } from "./sealed-records.ts";

export interface RunChanges extends Partial<RunResealSegmentOptions> {
  readonly campaigns?: SealedRecords["campaigns"];
  readonly access?: Partial<ResealAccess>;
  /** Default 1. */
  readonly segment?: number;
}

export interface ResealRuns {
  run(campaignId: string, changes?: RunChanges): Promise<SegmentRun>;
  /** The table's records, some of whose functions are done otherwise. */
  recordsWith(changes: Partial<RecordStore>): { readonly records: RecordStore };
  /** Each is what it was, under another DEK; and what was in its place still opens under the old one. */
  requireResealed(before: readonly StoredRecord[]): Promise<void>;
  requireUntouched(before: readonly StoredRecord[]): Promise<void>;
}

export function resealRuns(tables: SealedRecords): ResealRuns {
  return {
    run: (campaignId, { campaigns = tables.campaigns, access, segment = 1, ...options } = {}) =>
      runResealSegment(
        { campaignId, segment },
        { campaigns, access: (name) => ({ ...tables.resealing.access(name), ...access }) },
        { owner: crypto.randomUUID(), pageSize: 10, ...options },
      ),
    recordsWith: (changes) => ({ records: { ...tables.stores.records, ...changes } }),
    async requireResealed(before) {
      for (const old of before) {
        const now = await tables.stored(old.recordId);
        const { dekId, sealId, envelope, digest, ...same } = old;
        expect(now).toMatchObject(same);
        expect(now.dekId).not.toBe(dekId);
        expect(now.sealId).not.toBe(sealId);
        expect(now.digest).not.toBe(digest);
        expect(now.envelope.equals(envelope)).toBe(false);
        expect(await tables.text(old.recordId)).toBe(textOf(old.recordId, old.revision));
        expect(await tables.text(old.recordId, old)).toBe(textOf(old.recordId, old.revision));
      }
    },
    async requireUntouched(before) {
      for (const old of before) expect(await tables.stored(old.recordId)).toEqual(old);
    },
  };
}

export function dekOf([first]: readonly StoredRecord[]): string {
  return first?.dekId ?? "";
}
