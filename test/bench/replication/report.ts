/** The benchmark's tables and targets. */

import { REPLICA_STRATEGIES, type ReplicaStrategy } from "@dekhand/runtime";
import { type Row, type Table, type Target, type TitledTable, target } from "../benchmark.ts";
import { addedPerDek, type CountedCalls, type Wrapping, wrappings } from "./count-kms-calls.ts";
import { type PlaceName, placeNames } from "./place.ts";
import { type Contestant, contestants, cpuRatio, figuresOf, medianCpuMicros, type Round, timeRatio } from "./rounds.ts";
import { regionOf } from "./settings.ts";
import type { Sizes } from "./sizes.ts";

export { methodOf } from "./method.ts";

export interface Outcome extends Readonly<Record<PlaceName, readonly Round[]>> {
  readonly sizes: Sizes;
  readonly counted: readonly CountedCalls[];
}

const placeTitles: Readonly<Record<PlaceName, string>> = {
  embedded: "embedded DynamoDB",
  statements: "with BatchExecuteStatement",
};

const titles: Readonly<Record<Contestant, string>> = {
  alone: "taking in, no replica Region",
  copied: "taking in, 3 replica Regions",
  slow: "taking in, 3, one of them slow",
  "multi-region": "copying to 1, multi-region",
  encrypt: "copying to 1, encrypt",
  bridge: "copying to 1, bridge",
  batch: "script, BatchWriteItem",
  single: "script, conditional PutItem",
};

export function ratesTable(outcome: Outcome): Table {
  return {
    columns: [
      { key: "place", title: "endpoint" },
      { key: "what", title: "what" },
      { key: "records", title: "records" },
      { key: "perSecond", title: "records/s" },
      { key: "cpuMicros", title: "CPU a record", unit: "us" },
      { key: "toAlone", title: "CPU / taking in", unit: "x" },
      { key: "toBatch", title: "CPU / script, batches", unit: "x" },
      { key: "toSingle", title: "CPU / script, single", unit: "x" },
      { key: "toSteady", title: "time / no Region slow", unit: "x" },
    ],
    rows: placeNames.flatMap((place) => contestants.map((contestant) => rateRow(outcome, place, contestant))),
  };
}

function rateRow(outcome: Outcome, place: PlaceName, contestant: Contestant): Row {
  const rounds = outcome[place];
  const { records, perSecond } = figuresOf(rounds, contestant);
  return {
    place: placeTitles[place],
    what: titles[contestant],
    records,
    perSecond: Math.round(perSecond),
    cpuMicros: medianCpuMicros(rounds, contestant),
    ...(contestant === "alone" ? {} : { toAlone: cpuRatio(rounds, contestant, "alone") }),
    ...(isStrategy(contestant) ? { toBatch: cpuRatio(rounds, contestant, "batch") } : {}),
    ...(isStrategy(contestant) ? { toSingle: cpuRatio(rounds, contestant, "single") } : {}),
    ...(contestant === "slow" ? { toSteady: timeRatio(rounds, "slow", "copied") } : {}),
  };
}

function isStrategy(contestant: Contestant): contestant is ReplicaStrategy {
  return Object.hasOwn(regionOf, contestant);
}

const wrappingTitles: Readonly<Record<Wrapping, string>> = {
  birth: "while the DEK is in memory",
  debt: "later, as debt",
};

export function kmsTable({ counted }: Outcome): TitledTable {
  return {
    title: "KMS calls for 1,000 records and one replica Region:",
    columns: [
      { key: "strategy", title: "strategy" },
      { key: "wrapping", title: "its wraps are made" },
      { key: "perDek", title: "records a DEK" },
      { key: "intakeHome", title: "taking in, at home" },
      { key: "intakeThere", title: "taking in, there" },
      { key: "copyingHome", title: "copying, at home" },
      { key: "copyingThere", title: "copying, there" },
      { key: "added", title: "added in all" },
      { key: "addedPerDek", title: "added a DEK" },
      { key: "lookUps", title: "DescribeKey beside them, not for 1,000" },
    ],
    rows: counted.map(kmsRow),
  };
}

function kmsRow(calls: CountedCalls): Row {
  const { strategy, wrapping, records, deks, intake, replication } = calls;
  const perThousand = (count: number) => (1_000 * count) / records;
  const steps = [intake.home, intake.there, replication.home, replication.there];
  return {
    strategy,
    wrapping: wrappingTitles[wrapping],
    perDek: records / deks,
    intakeHome: perThousand(intake.home.cryptographic),
    intakeThere: perThousand(intake.there.cryptographic),
    copyingHome: perThousand(replication.home.cryptographic),
    copyingThere: perThousand(replication.there.cryptographic),
    added: perThousand(addedPerDek(calls) * deks),
    addedPerDek: addedPerDek(calls),
    lookUps: steps.reduce((sum, step) => sum + step.lookUps, 0),
  };
}

/** What each strategy is meant to add, in calls a DEK. */
const meant: Readonly<Record<ReplicaStrategy, Readonly<Record<Wrapping, number>>>> = {
  "multi-region": { birth: 0, debt: 0 },
  encrypt: { birth: 1, debt: 2 },
  bridge: { birth: 2, debt: 2 },
};

export function targetsOf(outcome: Outcome): readonly Target[] {
  const added = REPLICA_STRATEGIES.flatMap((strategy) =>
    wrappings.map((wrapping) => {
      const found = outcome.counted.find((calls) => calls.strategy === strategy && calls.wrapping === wrapping);
      if (found === undefined) throw new Error(`${strategy} was not counted`);
      const name = `${strategy}, wraps made ${wrappingTitles[wrapping]}: KMS calls added a DEK`;
      return target(name, "at most", meant[strategy][wrapping], addedPerDek(found));
    }),
  );
  const { statements } = outcome;
  return [
    ...added,
    ...placeNames.map((place) => {
      const ratio = timeRatio(outcome[place], "slow", "copied");
      return target(`${placeTitles[place]}: time of taking in, a Region slow / none`, "at most", maxSlowed, ratio);
    }),
    ...REPLICA_STRATEGIES.map((strategy) => {
      const name = `${placeTitles.statements}: CPU a record, copying by ${strategy} / taking in`;
      return target(name, "at most", maxToTakingIn, cpuRatio(statements, strategy, "alone"));
    }),
  ];
}

/** A birth waits 0.3 s for a slow Region, once in a while: a tenth of a turn, and as much for noise. */
const maxSlowed = 1.2;
const maxToTakingIn = 1.5;
