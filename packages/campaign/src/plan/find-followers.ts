/**
 * Replica Regions whose copies follow what a campaign does at home: those of
 * strategy `multi-region`, where the keys are related to home's.
 */

import { relatedKeyArn } from "@dekhand/deks";
import type { KeyDescription } from "@dekhand/kms";
import { type Profile, profileAt } from "@dekhand/runtime";
import type { FollowedWraps } from "@dekhand/store";
import type { WrapPlace } from "./choose-places.ts";
import { invalid, type Move, missing } from "./find-moves.ts";
import type { Keys } from "./look-up-keys.ts";

/** What becomes what in a Region of copies; its keys are related to those of the Region that is followed. */
export interface Follower extends Move {
  readonly follows: FollowedWraps;
}

export interface FollowerFacts {
  /** Those that the campaign takes in. */
  readonly places: readonly WrapPlace[];
  readonly moves: readonly Move[];
  /** As they are with their homes where those are now. */
  readonly profiles: readonly Profile[];
  readonly keys: Keys;
}

/** Dekhand's own store, the only one that has copies. */
export const OWN_STORE = "dekhand";

/**
 * One for each Region at most. Throws KmsError, and CampaignError where copies could not follow: CAMPAIGN_PLAN_INVALID,
 * CAMPAIGN_KEY_MISSING.
 */
export async function findFollowers(facts: FollowerFacts): Promise<readonly Follower[]> {
  const regions = facts.places.flatMap(({ store }) => (store.name === OWN_STORE ? [store.region] : []));
  const found = await Promise.all(regions.map((region) => findFollower(region, facts)));
  return found.filter((one) => one !== undefined);
}

/** One profile's copies in the Region. */
interface Part extends Move {
  readonly profile: Profile;
}

async function findFollower(region: string, facts: FollowerFacts): Promise<Follower | undefined> {
  const { profiles, keys } = facts;
  const copied = profiles.filter(({ replicas }) => replicas[region]?.strategy === "multi-region");
  const parts = await Promise.all(copied.map((profile) => findPart(profile, region, facts)));
  const found = parts.filter((one) => one !== undefined);
  const [first] = found;
  if (!first) return undefined;

  const there = facts.moves.find((move) => move.region === region);
  const { target } = there ?? first;
  if (found.some((part) => part.target.arn !== target.arn)) {
    throw invalid(
      `the wraps in ${region} would have to go to different keys: name the keys by ARN, one campaign for each`,
      { region },
    );
  }
  const sources = unique([...(there?.sources ?? []), ...found.flatMap((part) => part.sources)]);
  const isRotation = first.sources.some(({ arn }) => arn === first.target.arn);
  if (!isRotation && sources.some(({ arn }) => arn === target.arn)) {
    throw invalid(`in ${region} the key to move to is one of those to leave: ${target.arn}`, { region });
  }
  const homes = Object.fromEntries(found.map(({ profile }) => [profile.name, profile.home]));
  const others = profiles.filter(({ name }) => !Object.hasOwn(homes, name));
  const own = await Promise.all(others.map((profile) => listsAny(profile, region, sources, keys)));
  return { region, sources, target, follows: { homes, all: !own.includes(true) } };
}

/** Undefined where the campaign does not concern the profile's wraps. */
async function findPart(profile: Profile, region: string, { places, moves, keys }: FollowerFacts) {
  const { home } = profile;
  const [atHome, there] = [home, region].map((one) => moves.find((move) => move.region === one));
  const isConcernedAtHome = atHome !== undefined && (await listsAny(profile, home, atHome.sources, keys));
  const isConcernedThere = there !== undefined && (await listsAny(profile, region, there.sources, keys));
  if (!isConcernedAtHome && !isConcernedThere) return undefined;
  if (!atHome) {
    const isLeftOut = !places.some(({ store }) => store.name === OWN_STORE && store.region === home);
    throw invalid(
      `wraps of ${profile.name} in ${region} are copies of those in ${home}: ${isLeftOut ? "take in that Region" : "name the key there"}, too`,
      { region, profile: profile.name },
    );
  }
  const related = await Promise.all(atHome.sources.map(({ arn }) => findRelated(arn, region, keys)));
  const sources = related.filter((key) => key !== undefined);
  // What is under a key of one Region has no copies.
  if (sources.length === 0) return undefined;
  const target = await findTarget(profile, region, atHome, keys);
  return { profile, region, sources, target } satisfies Part;
}

async function findTarget(
  { name }: Profile,
  region: string,
  { region: home, target: { arn } }: Move,
  keys: Keys,
): Promise<KeyDescription> {
  if (relatedKeyArn(arn, region) === undefined) {
    throw invalid(
      `wraps of ${name} in ${home} have copies in ${region}, which need a multi-Region key: ${arn} is none`,
      { region, profile: name },
    );
  }
  const target = await findRelated(arn, region, keys);
  if (target) return target;
  throw missing(`${arn}, the key to move to, has no related key in ${region}, where wraps of ${name} have copies`, {
    region,
    key: arn,
  });
}

async function findRelated(arn: string, region: string, keys: Keys): Promise<KeyDescription | undefined> {
  const related = relatedKeyArn(arn, region);
  return related === undefined ? undefined : keys.find(region, related);
}

/** Whether the profile's configuration lists one of these keys in that Region. */
async function listsAny(
  profile: Profile,
  region: string,
  sources: readonly KeyDescription[],
  keys: Keys,
): Promise<boolean> {
  const there = profileAt(profile, region);
  if (!there) return false;
  const found = await Promise.all([there.key, ...there.retiring].map((reference) => keys.find(region, reference)));
  return found.some((key) => key !== undefined && sources.some(({ arn }) => arn === key.arn));
}

function unique(keys: readonly KeyDescription[]): readonly KeyDescription[] {
  return keys.filter(({ arn }, index) => keys.findIndex((other) => other.arn === arn) === index);
}
