/** Which key becomes which, Region by Region. */

import type { KeyDescription } from "@dekhand/kms";
import { CampaignError } from "../errors.ts";
import type { Keys } from "./look-up-keys.ts";
import type { CampaignRequest } from "./resolve-targets.ts";

/** What becomes what in one Region. */
export interface Move {
  readonly region: string;
  /** At least one. */
  readonly sources: readonly KeyDescription[];
  readonly target: KeyDescription;
}

/** Throws CAMPAIGN_PLAN_INVALID and CAMPAIGN_KEY_MISSING. Regions without any of the keys to leave are left out. */
export async function findMoves(
  regions: readonly string[],
  request: CampaignRequest,
  keys: Keys,
): Promise<readonly Move[]> {
  checkRequest(request);
  const moves = (await Promise.all(regions.map((region) => findMove(region, request, keys)))).filter(isFound);
  await checkFound(regions, request, keys);
  return moves;
}

/** Throws CAMPAIGN_KEY_MISSING where a Region is asked for in which there is nothing to do. */
export function checkRegions({ regions: asked }: CampaignRequest, concerned: readonly { readonly region: string }[]) {
  const empty = asked?.find((region) => !concerned.some((one) => one.region === region));
  if (empty !== undefined) throw missing(`${empty} has none of the keys to leave`, { region: empty });
}

function checkRequest({ kind, from, to }: CampaignRequest): void {
  if (from.length === 0) throw invalid("a campaign needs a key to leave");
  if (kind === "rotation" && to !== undefined) throw invalid("a rotation stays under its key: it has none to move to");
  if (kind === "key" && to === undefined) throw invalid("a campaign from key to key needs one to move to");
}

/** Undefined where the Region has none of the keys to leave. */
async function findMove(region: string, { kind, from, to }: CampaignRequest, keys: Keys): Promise<Move | undefined> {
  const found = (await Promise.all(from.map((reference) => keys.find(region, reference)))).filter(isFound);
  const sources = found.filter(({ arn }, index) => found.findIndex((other) => other.arn === arn) === index);
  const [first, second] = sources;
  if (first === undefined) return undefined;
  if (kind === "rotation" || to === undefined) {
    if (second === undefined) return { region, sources, target: first };
    throw invalid(`a rotation is of one key a Region, and ${region} has several of those named`, { region });
  }
  const target = await keys.find(region, to);
  if (!target) {
    throw missing(
      `${to}, the key to move to, does not exist in ${region}, where a key to leave does: leave out that Region, or create it`,
      { region, key: to },
    );
  }
  if (sources.every(({ arn }) => arn !== target.arn)) return { region, sources, target };
  throw invalid(`in ${region} the key to move to is one of those to leave: ${target.arn}`, { region });
}

/** Every key that is named must have been found somewhere. */
async function checkFound(regions: readonly string[], { from }: CampaignRequest, keys: Keys): Promise<void> {
  for (const reference of from) {
    const found = await Promise.all(regions.map((region) => keys.find(region, reference)));
    if (!found.some(isFound)) {
      throw missing(`${reference} exists in no Region that has a store asked for: ${regions.join(", ")}`, {
        key: reference,
      });
    }
  }
}

function isFound<T>(value: T | undefined): value is T {
  return value !== undefined;
}

export function invalid(message: string, context: Readonly<Record<string, string>> = {}): CampaignError {
  return new CampaignError("CAMPAIGN_PLAN_INVALID", message, { context });
}

export function missing(message: string, context: Readonly<Record<string, string>>): CampaignError {
  return new CampaignError("CAMPAIGN_KEY_MISSING", message, { context });
}
