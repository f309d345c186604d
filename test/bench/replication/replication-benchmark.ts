/**
 * Bringing records into replica Regions: what KMS is called for it, how fast it goes and what it costs, beside taking the
 * same records in and beside scripts that copy items; and what a slow Region does to taking records in.
 */

import type { Benchmark } from "../benchmark.ts";
import { countKmsCalls } from "./count-kms-calls.ts";
import { type PlaceName, setPlaces } from "./place.ts";
import { kmsTable, methodOf, type Outcome, ratesTable, targetsOf } from "./report.ts";
import { contestants, figuresOf, type Round } from "./rounds.ts";
import { runRounds } from "./run-rounds.ts";
import { fullSizes, quickSizes, type Sizes } from "./sizes.ts";

export const replicationBenchmark: Benchmark = {
  name: "replication",
  summary: "records copied to replica Regions: KMS calls, records/s and CPU by strategy, and a slow Region",
  async run({ quick }) {
    const outcome = await measureReplication(quick ? quickSizes : fullSizes);
    return {
      method: methodOf(outcome),
      table: ratesTable(outcome),
      furtherTables: [kmsTable(outcome)],
      targets: targetsOf(outcome),
    };
  },
};

/** @param say hears how far it came */
export async function measureReplication(sizes: Sizes, say = sayOnStandardError): Promise<Outcome> {
  await using stack = new AsyncDisposableStack();
  const places = await setPlaces(stack);
  say("counting KMS calls");
  const counted = await countKmsCalls(places.embedded, sizes.counted);
  const roundsAt = async (name: PlaceName) => {
    say(`warming up: ${name}`);
    return await runRounds(places[name], { sizes, onRound: (round) => say(`${name}: ${textOf(round)}`) });
  };
  return { sizes, counted, embedded: await roundsAt("embedded"), statements: await roundsAt("statements") };
}

function textOf(round: Round): string {
  const each = contestants.map((contestant) => {
    const { perSecond, cpuMicrosPerRecord } = figuresOf([round], contestant);
    return `${contestant} ${Math.round(perSecond)}/s, ${cpuMicrosPerRecord[0]?.toFixed(0)} us`;
  });
  return each.join("; ");
}

/** So that standard output is the report and nothing else. */
function sayOnStandardError(what: string): void {
  process.stderr.write(`replication: ${what}\n`);
}
