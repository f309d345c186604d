/** What `keys retire` is told, and which Region it is told of. */

import { type DeploymentConfig, keyReferenceRegion, parseDuration } from "@dekhand/runtime";
import { InvalidArgumentError } from "commander";
import { CliError } from "../../errors.ts";

export interface RetireCommandOptions {
  readonly region?: string;
  readonly backups?: number;
  readonly soak?: number;
  readonly acceptUnknown?: string;
  readonly acceptUse?: string;
  readonly scheduleDeletion?: boolean;
  readonly days: number;
  readonly list?: boolean;
  readonly yes?: boolean;
  readonly json?: boolean;
}

const mostMs = 10_000 * 86_400_000;

/** A commander parser for durations, in milliseconds. */
export function duration(text: string): number {
  const ms = parseDuration(text);
  if (ms !== undefined && ms <= mostMs) return ms;
  throw new InvalidArgumentError("expected a duration such as 35d or 12h, of at most 10000d");
}

/** A commander parser for what an operator answers for. */
export function reason(text: string): string {
  if (text.trim() !== "") return text;
  throw new InvalidArgumentError("expected a reason, in words");
}

/** Throws CLI_USAGE. */
export function requireBackups({ backups, soak }: RetireCommandOptions): number {
  if (backups === undefined) {
    throw new CliError(
      "CLI_USAGE",
      "name with --backups for how long backups are kept that may hold wraps under the key",
    );
  }
  if (soak !== undefined && soak <= backups) {
    throw new CliError("CLI_USAGE", "--soak must be longer than --backups: until then a backup may need the key");
  }
  return backups;
}

/** The key's Region: its ARN's, the one that is named, or the deployment's only one. Throws CLI_USAGE. */
export function regionOf(
  key: string,
  { region }: Pick<RetireCommandOptions, "region">,
  { regions }: Pick<DeploymentConfig, "regions">,
): string {
  const ofKey = keyReferenceRegion(key);
  if (ofKey !== undefined && region !== undefined && ofKey !== region) {
    throw new CliError("CLI_USAGE", `the key is one of ${ofKey}, not of ${region}`);
  }
  const [only] = regions.length === 1 ? regions : [];
  const found = ofKey ?? region ?? only;
  if (found === undefined)
    throw new CliError("CLI_USAGE", "name the key's Region with --region, or the key by its ARN");
  if (regions.includes(found)) return found;
  throw new CliError("CLI_USAGE", `the configuration has no Region ${found}`);
}
