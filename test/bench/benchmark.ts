/** What every benchmark is, and what it reports. */

import type { Environment } from "./environment.ts";

export interface Benchmark {
  /** The word on the command line. */
  readonly name: string;
  /** One line for the list of benchmarks. */
  readonly summary: string;
  run(options: BenchmarkOptions): Promise<Measurements>;
}

export interface BenchmarkOptions {
  /** Fewer and shorter rounds: for a look, not for the record. */
  readonly quick: boolean;
}

export interface Measurements {
  /** How it was measured, in sentences. */
  readonly method: string;
  readonly table: Table;
  /** Shown below the first. */
  readonly furtherTables?: readonly TitledTable[];
  readonly targets: readonly Target[];
}

export interface Table {
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
}

export interface TitledTable extends Table {
  /** A sentence or two. */
  readonly title: string;
}

export interface Column {
  /** The property of a row that it shows. */
  readonly key: string;
  readonly title: string;
  /** Put after each number. */
  readonly unit?: string;
}

export type Row = Readonly<Record<string, string | number>>;

/** A limit that was set beforehand, and what came out. */
export interface Target {
  readonly name: string;
  readonly bound: "at most" | "at least";
  readonly limit: number;
  readonly measured: number;
  readonly met: boolean;
}

export function target(name: string, bound: Target["bound"], limit: number, measured: number): Target {
  return { name, bound, limit, measured, met: bound === "at most" ? measured <= limit : measured >= limit };
}

/** One run of one benchmark: what `--json` prints. */
export interface Report extends Measurements {
  readonly benchmark: string;
  readonly quick: boolean;
  readonly environment: Environment;
  /** All targets. */
  readonly met: boolean;
}
