/**
 * From what an operator asks for to a campaign's targets, and the locks that it
 * needs: names of keys become the ARNs that they stand for today, in each Region
 * where a store stands.
 *
 * Related multi-Region keys are a key of their own in each Region.
 */

import type { CallOptions, KeyDescription } from "@dekhand/kms";
import type { CampaignTarget } from "@dekhand/store";
import { CampaignError } from "../errors.ts";
import { choosePlaces, isConcerned, type PlaceChoice, type WrapPlace } from "./choose-places.ts";
import { findMoves, type Move } from "./find-moves.ts";
import { currentMaterial, findRotations, type RotationLookup } from "./find-rotation.ts";
import { createKeys, type KeyLookup } from "./look-up-keys.ts";
import type { ConcernedKey, RewrapKind } from "./plan-types.ts";

/** Keys are given by alias, id or ARN; an alias or id means the key of that name in each Region. */
export interface CampaignRequest extends PlaceChoice {
  readonly kind: RewrapKind;
  /** The keys to leave; of a rotation, the key that was rotated: one a Region. */
  readonly from: readonly string[];
  /** The key to move to; of kind `key` only. */
  readonly to?: string;
}

export interface ResolveTargetsDeps extends KeyLookup, RotationLookup {
  /** The stores of the deployment, its own and those of others. */
  readonly all: readonly WrapPlace[];
}

export interface ResolvedTargets {
  /** One for each store and Region. */
  readonly targets: readonly CampaignTarget[];
  /** The ARN of each key concerned, sorted: no two campaigns may concern one key. */
  readonly locks: readonly string[];
  readonly keys: readonly ConcernedKey[];
  /** Names of stores in those Regions whose configuration lists none of the keys to leave. */
  readonly leftOut: readonly string[];
}

/**
 * Throws KmsError where KMS could not be asked, and:
 * - CAMPAIGN_PLAN_INVALID: the request contradicts itself.
 * - CAMPAIGN_STORE_UNKNOWN: no such store, or none in a Region that is named.
 * - CAMPAIGN_KEY_MISSING: a key does not exist where it is needed.
 * - CAMPAIGN_NOT_ROTATED: the key of a rotation has not been rotated, or nothing tells so.
 */
export async function resolveTargets(
  request: CampaignRequest,
  deps: ResolveTargetsDeps,
  { signal }: CallOptions = {},
): Promise<ResolvedTargets> {
  const places = choosePlaces(deps.all, request);
  const keys = createKeys(deps, { signal });
  const regions = [...new Set(places.map(({ store }) => store.region))];
  const moves = await findMoves(regions, request, keys);

  const resolved = await Promise.all(moves.map((move) => withRotation(move, request, deps, { signal })));
  const targets: CampaignTarget[] = [];
  const leftOut = new Set<string>();
  for (const { store, ...place } of places) {
    const move = resolved.find(({ region }) => region === store.region);
    if (!move) continue;
    if (await isConcerned({ store, ...place }, move.target.sources, request, keys)) {
      targets.push({ store: store.name, region: store.region, ...move.target });
    } else leftOut.add(store.name);
  }
  if (targets.length === 0) {
    throw new CampaignError("CAMPAIGN_KEY_MISSING", "no wrap store lists a key to leave in its configuration");
  }
  const used = resolved.filter(({ region }) => targets.some((target) => target.region === region));
  const concerned = used.flatMap((move) => move.keys);
  return { targets, locks: concerned.map(({ arn }) => arn).sort(), keys: concerned, leftOut: [...leftOut] };
}

interface ResolvedMove {
  readonly region: string;
  readonly target: Omit<CampaignTarget, "store" | "region">;
  readonly keys: readonly ConcernedKey[];
}

async function withRotation(
  { region, sources, target }: Move,
  { kind }: CampaignRequest,
  deps: ResolveTargetsDeps,
  options: CallOptions,
): Promise<ResolvedMove> {
  const concern = async (key: KeyDescription, use: ConcernedKey["use"]): Promise<ConcernedKey> => {
    // Few may be asked for in a second: only where something follows from them, as when older imported material expires.
    const isNeeded = use !== "source" || key.origin === "EXTERNAL";
    const rotations = isNeeded ? await findRotations(region, key.arn, deps, options) : undefined;
    return { ...key, region, use, ...(rotations === undefined ? {} : { rotations }) };
  };
  if (kind === "rotation") {
    const key = await concern(target, "source and target");
    const current = currentMaterial(region, key, key.rotations);
    return { region, target: { sources: [key.arn], keyArn: key.arn, ...current }, keys: [key] };
  }
  // The key alone is asked for: what is under it is no longer under those to leave, whichever its material.
  const leaving = await Promise.all(sources.map((key) => concern(key, "source")));
  const keys = [...leaving, await concern(target, "target")];
  return { region, target: { sources: leaving.map(({ arn }) => arn), keyArn: target.arn }, keys };
}
