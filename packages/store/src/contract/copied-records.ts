import { expect } from "vitest";
import { createRecordStore } from "../records/record-store.ts";
import type { RecordStore, RecordWrite, StoredRecord } from "../records/record-types.ts";
import { sampleRecord } from "../testing/samples.ts";
import type { ContractSetup, ContractSubject } from "./contract-subject.ts";

/** Two Regions' tables: records are made in one, and copied to the other. */
export interface CopiedRecords {
  /** Where copies go. */
  readonly subject: ContractSubject;
  readonly store: RecordStore;
  /** A record as home has it. */
  atHome(overrides?: Partial<RecordWrite>): Promise<StoredRecord>;
  /** The next revision of one. */
  nextOf(record: StoredRecord): Promise<StoredRecord>;
}

export async function copiedRecords(setup: ContractSetup): Promise<CopiedRecords> {
  const home = createRecordStore({ ...(await setup()), now: () => new Date("2026-11-23T10:00:00.000Z") });
  const subject = await setup();
  const atHome: CopiedRecords["atHome"] = async (overrides = {}) => {
    const record = sampleRecord(overrides);
    expect(await home.put([record])).toMatchObject([{ kind: expect.stringMatching(/^(stored|replaced)$/) }]);
    return requireFound(await home.get(record.recordId));
  };
  return {
    subject,
    store: createRecordStore({ ...subject, now: () => new Date("2026-12-01T10:00:00.000Z") }),
    atHome,
    nextOf: ({ recordId, size, revision = 0 }) => atHome({ recordId, size, revision: revision + 1 }),
  };
}

/** Compared by hand: a matcher that fails prints megabytes. */
export function same({ envelope, ...labels }: StoredRecord, { envelope: other, ...others }: StoredRecord): boolean {
  expect(labels).toEqual(others);
  return envelope.equals(other);
}

export function requireFound(record: StoredRecord | undefined): StoredRecord {
  if (!record) throw new TypeError("the record was stored");
  return record;
}
