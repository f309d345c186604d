import { describe, expect, it } from "vitest";
import { placeNames } from "./place.ts";
import { measureReplication } from "./replication-benchmark.ts";
import { kmsTable, methodOf, ratesTable, targetsOf } from "./report.ts";
import { contestants } from "./rounds.ts";

describe("the benchmark of replication", () => {
  it("counts KMS calls of every strategy, and has every contestant take its turn at both places", async () => {
    const said: string[] = [];
    const few = { records: 60, rounds: 1, warmUpRecords: 0, counted: { records: 40, deks: 4, warmUpRecords: 0 } };
    const outcome = await measureReplication(few, (what) => said.push(what));

    expect(outcome.counted.map(({ strategy, wrapping, deks }) => `${strategy} ${wrapping} ${deks}`)).toEqual(
      ["multi-region", "encrypt", "bridge"].flatMap((strategy) => [`${strategy} birth 4`, `${strategy} debt 4`]),
    );
    const rows = kmsTable(outcome).rows;
    expect(rows.slice(0, 2).map(({ added }) => added)).toEqual([0, 0]);
    // As debt: two calls a DEK, 100 DEKs for 1,000 records.
    expect(rows.filter(({ wrapping }) => wrapping === "later, as debt").map(({ added }) => added)).toEqual([
      0, 200, 200,
    ]);

    for (const place of placeNames) {
      const [round] = outcome[place];
      expect([...(round?.turns.keys() ?? [])].toSorted()).toEqual(contestants.toSorted());
      expect([...(round?.turns.values() ?? [])].every(({ seconds, cpuMicros }) => seconds > 0 && cpuMicros > 0)).toBe(
        true,
      );
    }
    expect(ratesTable(outcome).rows).toHaveLength(2 * contestants.length);
    expect(targetsOf(outcome).every(({ measured }) => Number.isFinite(measured))).toBe(true);
    expect(methodOf(outcome)).toContain("60 records of 20 tenants");
    expect(said).toHaveLength(5);
  }, 180_000);
});
