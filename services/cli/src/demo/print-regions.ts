import { type CommandContext, print } from "../command-context.ts";
import { percentOf } from "../commands/replicas-words.ts";
import { formatTable } from "../terminal/table.ts";
import type { DemoHome, DemoRegion, DemoReplica } from "./read-without-home.ts";

/** What each replica Region had, and what opened there without the home; nothing where there is none. */
export function printRegions(context: CommandContext, regions: Readonly<Record<string, DemoRegion>>): void {
  const all = Object.entries(regions);
  const replicas = all.flatMap(([region, told]) => (told.role === "replica" ? [[region, told] as const] : []));
  if (replicas.length === 0) return;
  const show = (lines: readonly string[]) => {
    for (const line of lines) print(context, `  ${line}`);
  };
  show(all.flatMap(([region, told]) => (told.role === "home" ? [aboutHome(region, told)] : [])));
  show(formatTable(headings, replicas.map(toRow)));
  for (const [region, { failures }] of replicas) {
    show(Object.entries(failures).map(([code, count]) => `${region}: ${count} x ${code}`));
  }
  print(context);
}

const headings = ["Region", "strategy", "records arrived", "DEKs arrived", "opened", "mismatched", "ms"];

function aboutHome(region: string, { cutOff }: DemoHome): string {
  return cutOff
    ? `read in each replica Region, with ${region} cut off`
    : `${region} still answered when it was cut off`;
}

function toRow([region, told]: readonly [string, DemoReplica]) {
  const { strategy, records, recordsArrived, deks, deksArrived, opened, mismatched, ms } = told;
  return [region, strategy, part(recordsArrived, records), part(deksArrived, deks), opened, mismatched, ms];
}

function part(arrived: number, all: number): string {
  return `${percentOf(arrived, all)} of ${all.toLocaleString("en-US")}`;
}
