/**
 * From what an operator asks for to a campaign's targets, and the locks that it
 * needs: names of keys become the ARNs that they stand for today, in each Region
 * where a store stands.
 *
 * Related multi-Region keys are a key of their own in each Region; but in the
 * replica Regions of a profile that copies wraps between them, the copies follow.
 */

import type { CallOptions, KeyDescription } from "@dekhand/kms";
import type { Profile } from "@dekhand/runtime";
import type { CampaignTarget } from "@dekhand/store";
import { CampaignError } from "../errors.ts";
import { choosePlaces, isConcerned, type PlaceChoice, type WrapPlace } from "./choose-places.ts";
import { type Follower, findFollowers, OWN_STORE } from "./find-followers.ts";
import { checkRegions, findMoves, type Move } from "./find-moves.ts";
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
  /** The configuration's profiles, as they are with their homes where those are now: `profilesAtHome`. */
  profiles(options?: CallOptions): Promise<Readonly<Record<string, Profile>>>;
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

  const profiles = Object.values(await deps.profiles({ signal }));
  const followers = await findFollowers({ places, moves, profiles, keys });
  checkRegions(request, [...moves, ...followers]);

  const moved = new Map<string, Promise<ResolvedMove>>();
  const resolve = (move: Move): Promise<ResolvedMove> => {
    const known = moved.get(move.region) ?? withRotation(move, request, deps, { signal });
    moved.set(move.region, known);
    return known;
  };
  const resolveIn = async ({ name, region }: WrapPlace["store"]): Promise<ResolvedMove | undefined> => {
    const follower = name === OWN_STORE ? followers.find((one) => one.region === region) : undefined;
    if (follower) return following(follower, moves, request, resolve);
    const move = moves.find((one) => one.region === region);
    return move && resolve(move);
  };
  const resolved = await Promise.all(places.map(async (place) => ({ place, move: await resolveIn(place.store) })));

  const targets: CampaignTarget[] = [];
  const concerned = new Map<string, ConcernedKey>();
  const leftOut = new Set<string>();
  for (const { place, move } of resolved) {
    if (!move) continue;
    const { name, region } = place.store;
    if (!(await isConcerned(place, move.target.sources, request, keys))) leftOut.add(name);
    else {
      targets.push({ store: name, region, ...move.target });
      for (const key of move.keys) concerned.set(key.arn, concerned.get(key.arn) ?? key);
    }
  }
  if (targets.length === 0) {
    throw new CampaignError("CAMPAIGN_KEY_MISSING", "no wrap store lists a key to leave in its configuration");
  }
  return { targets, locks: [...concerned.keys()].sort(), keys: [...concerned.values()], leftOut: [...leftOut] };
}

interface ResolvedMove {
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
    return { target: { sources: [key.arn], keyArn: key.arn, ...current }, keys: [key] };
  }
  // The key alone is asked for: what is under it is no longer under those to leave, whichever its material.
  const leaving = await Promise.all(sources.map((key) => concern(key, "source")));
  const keys = [...leaving, await concern(target, "target")];
  return { target: { sources: leaving.map(({ arn }) => arn), keyArn: target.arn }, keys };
}

/** Related keys share their material and its rotations: KMS in the replica Region has nothing to add to what home says. */
async function following(
  { region, sources, target, follows }: Follower,
  moves: readonly Move[],
  { kind }: CampaignRequest,
  resolve: (move: Move) => Promise<ResolvedMove>,
): Promise<ResolvedMove> {
  const concern = (key: KeyDescription, use: ConcernedKey["use"]): ConcernedKey => ({ ...key, region, use });
  const wanted = { sources: sources.map(({ arn }) => arn), keyArn: target.arn, follows };
  if (kind === "key") {
    return { target: wanted, keys: [...sources.map((key) => concern(key, "source")), concern(target, "target")] };
  }
  const home = moves.find((move) => Object.values(follows.homes).includes(move.region));
  const { material, rotatedAt } = (home && (await resolve(home)).target) ?? {};
  const current = {
    ...(material === undefined ? {} : { material }),
    ...(rotatedAt === undefined ? {} : { rotatedAt }),
  };
  return { target: { ...wanted, ...current }, keys: [concern(target, "source and target")] };
}
