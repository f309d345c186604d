/** What `campaign plan` and `campaign start` are told in the same words. */

import {
  type CampaignSettings,
  DEFAULT_SETTINGS,
  type PlannedCampaignRequest,
  PROBES,
  type ProbeBy,
} from "@dekhand/campaign";
import { type Command, InvalidArgumentError, Option } from "commander";
import { CliError } from "../../errors.ts";
import { number } from "../../options.ts";

export interface CampaignOptions {
  readonly kind: PlannedCampaignRequest["kind"];
  readonly from: readonly string[];
  readonly to?: string;
  readonly store?: readonly string[];
  readonly region?: readonly string[];
  readonly share?: number;
  readonly sample: number;
  readonly canary: number;
  readonly probeBy: ProbeBy;
  readonly segments: number;
  readonly confirm?: string;
}

const { canary, sample, probeBy, segments } = DEFAULT_SETTINGS;

/** Returns the command. */
export function addCampaignOptions(command: Command): Command {
  return command
    .addOption(
      new Option("--kind <kind>", "rotation: the same key, its current material; key: from key to key")
        .choices(["rotation", "key"])
        .makeOptionMandatory(),
    )
    .requiredOption(
      "--from <key...>",
      "alias, id or ARN of the keys to leave; of a rotation, of the key that was rotated",
    )
    .option("--to <key>", "the key to move to, for kind key")
    .option("--store <name...>", "wrap stores (default: all that the keys concern)")
    .option("--region <region...>", "Regions (default: all that have a store and one of the keys)")
    .option(
      "--share <part>",
      "of the deployment's KMS quota, above 0 and at most 1 (default: as configured)",
      parsePart,
    )
    .option("--sample <part>", "of the wraps, probed at the end, above 0 and at most 1", parsePart, sample)
    .option(
      "--canary <n>",
      "wraps of each target, rewrapped and checked first",
      number({ min: 0, integer: true }),
      canary,
    )
    .addOption(new Option("--probe-by <how>", "how wraps are probed").choices([...PROBES]).default(probeBy))
    .option("--segments <n>", "segments of each target", number({ min: 1, max: 10_000, integer: true }), segments)
    .option(
      "--confirm <text>",
      "for stores of others: who has confirmed that their application writes with --to and its readers may decrypt under it",
    );
}

/** Throws CLI_USAGE where the options contradict each other. */
export function readCampaignRequest(options: CampaignOptions): PlannedCampaignRequest {
  const { kind, from, to, store, region, share } = options;
  if (kind === "key" && to === undefined) throw new CliError("CLI_USAGE", "a campaign of kind key needs --to");
  if (kind === "rotation" && to !== undefined) {
    throw new CliError("CLI_USAGE", "a rotation stays under its key: --to is for campaigns of kind key");
  }
  const settings: CampaignSettings = {
    canary: options.canary,
    sample: options.sample,
    probeBy: options.probeBy,
    segments: options.segments,
    ...(options.confirm === undefined ? {} : { confirmed: options.confirm }),
  };
  return {
    kind,
    from,
    ...(to === undefined ? {} : { to }),
    ...(store === undefined ? {} : { stores: store }),
    ...(region === undefined ? {} : { regions: region }),
    settings,
    controls: share === undefined ? {} : { share },
  };
}

/** A commander parser for a part of a whole. */
export function parsePart(text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && value > 0 && value <= 1) return value;
  throw new InvalidArgumentError("expected a number above 0 and at most 1");
}
