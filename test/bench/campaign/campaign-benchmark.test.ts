import { describe, expect, it } from "vitest";
import { measureCampaign } from "./campaign-benchmark.ts";
import { methodOf, rowsOf, targetsOf } from "./report.ts";
import { contestants } from "./settings.ts";

describe("the benchmark of campaigns", () => {
  it("has both contestants rewrap every wrap at both places, and follows their memory to the last percent", async () => {
    const said: string[] = [];
    const few = { wraps: 60, warmUpWraps: 20, rounds: 2 };
    const outcome = await measureCampaign({ embedded: few, loopback: few }, (what) => said.push(what));
    for (const rounds of [outcome.embedded, outcome.loopback]) {
      expect(rounds).toHaveLength(2);
      for (const contestant of contestants) {
        const turns = rounds.map((round) => round[contestant]);
        expect(turns.reduce((total, { wraps }) => total + wraps, 0)).toBe(60);
        expect(turns.every(({ seconds, cpuMicros }) => seconds > 0 && cpuMicros > 0)).toBe(true);
        expect(turns.flatMap(({ samples }) => samples).at(-1)).toMatchObject({ percent: 100 });
      }
    }
    expect(rowsOf(outcome).map(({ wraps }) => wraps)).toEqual([60, 60, 60, 60]);
    expect(targetsOf(outcome)[0]?.measured).toBeGreaterThan(0);
    expect(methodOf(outcome)).toContain("60 wraps at the embedded services");
    expect(said).toHaveLength(5);
  }, 120_000);
});
