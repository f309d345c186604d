/** Properties of the record store, tried with generated records and deliveries on a real endpoint. */

import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { createRecordStore } from "../records/record-store.ts";
import type { RecordStore } from "../records/record-types.ts";
import { sampleRecord } from "../testing/samples.ts";
import type { ContractSetup } from "./contract-subject.ts";

const anyText = fc.string({ unit: "binary", maxLength: 30 });
const anyKey = fc.oneof(anyText, fc.constantFrom("", "__proto__", "\\", "constructor", "\u0000", "a\"b'c"));
const anyRecord = fc.record({
  recordId: fc.string({ unit: "binary", minLength: 1, maxLength: 60 }),
  jobId: fc.string({ unit: "binary", minLength: 1, maxLength: 60 }),
  context: fc.dictionary(anyKey, anyText, { noNullPrototype: true, maxKeys: 6 }),
  contentType: anyText,
  epoch: fc.maxSafeNat(),
  size: fc.nat({ max: 2_000 }),
});

/** Jobs for one record, in calls of several, the calls all at once; every job is delivered at least once. */
const deliveries = fc
  .uniqueArray(fc.nat({ max: 30 }), { minLength: 1, maxLength: 8 })
  .chain((revisions) => fc.tuple(fc.constant(revisions), fc.array(fc.constantFrom(...revisions), { maxLength: 6 })))
  .chain(([once, again]) => fc.shuffledSubarray([...once, ...again], { minLength: once.length + again.length }))
  .chain((order) => fc.array(fc.nat({ max: order.length }), { maxLength: 3 }).map((cuts) => split(order, cuts)));

export function describeRecordProperties(setup: ContractSetup): void {
  describe("record store, generated", () => {
    let store: RecordStore;

    beforeAll(async () => {
      store = createRecordStore(await setup());
    });

    it("any storable records come back as they went in", async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(anyRecord, { minLength: 1, maxLength: 12 }), async (generated) => {
          const records = generated.map((given) =>
            sampleRecord({ ...given, recordId: `${randomUUID()}${given.recordId}` }),
          );
          expect(await store.put(records)).toEqual(records.map(() => ({ kind: "stored" })));
          for (const record of records) {
            const { context = {}, ...found } = (await store.get(record.recordId)) ?? {};
            const { context: given, ...expected } = record;
            expect(found).toMatchObject(expected);
            expect(new Map(Object.entries(context))).toEqual(new Map(Object.entries(given)));
          }
        }),
        { numRuns: 10 },
      );
    });

    it("revisions in any order, in any calls at once, with any redeliveries, leave the highest; none is rejected", async () => {
      await fc.assert(
        fc.asyncProperty(deliveries, async (calls) => {
          const recordId = randomUUID();
          const sealed = (revision: number) => sampleRecord({ recordId, jobId: `job-${revision}`, revision });
          const outcomes = await Promise.all(calls.map((revisions) => store.put(revisions.map(sealed))));
          const kinds = outcomes.flat().map(({ kind }) => kind);
          const highest = Math.max(...calls.flat());
          expect((await store.get(recordId))?.revision).toBe(highest);
          expect(kinds.filter((kind) => kind === "stored")).toHaveLength(1);
          expect(kinds.filter((kind) => kind === "failed" || kind === "rejected")).toEqual([]);
        }),
        { numRuns: 15 },
      );
    });
  });
}

function split<T>(items: readonly T[], cuts: readonly number[]): T[][] {
  const edges = [0, ...[...cuts].sort((a, b) => a - b), items.length];
  return edges.slice(1).map((edge, index) => items.slice(edges[index], edge));
}
