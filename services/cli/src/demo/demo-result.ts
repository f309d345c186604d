import type { FailedLine } from "../commands/note-lines.ts";
import { isCovered } from "./count-coverage.ts";
import type { KmsCalls } from "./kms-calls.ts";
import type { ReadAgain } from "./read-again.ts";
import type { Comparison } from "./read-back.ts";
import type { DemoRegion } from "./read-without-home.ts";
import type { RotatedKeys } from "./rotate-keys.ts";

/** `submit`, `encrypt` and `replicate` began together, with the first record. */
export interface DemoStage {
  readonly stage: "submit" | "encrypt" | "replicate" | "read";
  readonly ms: number;
  readonly perSecond: number;
}

export interface DemoResult extends RotatedKeys, Comparison {
  /** Those that were submitted. */
  readonly records: number;
  /** Lines of the input that could not be. */
  readonly unusable: readonly FailedLine[];
  readonly deks: number;
  readonly kmsCalls: KmsCalls;
  readonly stages: readonly DemoStage[];
  readonly rejected: number;
  /** After the campaigns. Absent where there were none. */
  readonly readAgain?: ReadAgain;
  /** By name, home first, at the very end. Empty where the profile has no replica Regions. */
  readonly regions: Readonly<Record<string, DemoRegion>>;
}

/** Whether every record came back equal each time, in each Region, and every campaign is complete. */
export function succeeded({ records, unusable, campaigns, readAgain: again, regions, ...first }: DemoResult): boolean {
  const isWhole = ({ opened, mismatched }: Comparison) => mismatched === 0 && opened === records;
  const isWell = (region: DemoRegion) =>
    region.role === "home" ? region.cutOff : isCovered(region) && isWhole(region);
  return (
    unusable.length === 0 &&
    isWhole(first) &&
    (again === undefined || isWhole(again)) &&
    campaigns.every(({ state }) => state === "complete") &&
    Object.values(regions).every(isWell)
  );
}
