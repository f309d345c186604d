/**
 * Which KMS keys a profile may use, as ARNs, in its home Region and in each
 * replica Region.
 *
 * The configuration names keys (often by alias); KMS says which key that is
 * today. The directory resolves each name by itself, watches it, and is the one
 * authority on the ARNs that KMS is called with. Each Region is asked when it is
 * first needed, and for itself: one that is down stops no other.
 */

import type { KmsGovernor } from "@dekhand/kms";
import {
  type Clock,
  isKeyArn,
  keyReferenceRegion,
  type Logger,
  type Profile,
  profileAt,
  rateLimited,
  systemClock,
} from "@dekhand/runtime";
import type { CallOptions } from "@dekhand/store";
import { DeksError } from "./errors.ts";
import { createRegionKeys, type RegionKeys } from "./region-keys.ts";
import { areRelatedKeys, relatedKeyArn } from "./related-keys.ts";

export interface KeyDirectoryDeps {
  readonly profiles: Readonly<Record<string, Profile>>;
  readonly kms: (region: string) => Pick<KmsGovernor, "describeKey">;
  readonly logger: Logger;
  /** How long a resolved name is trusted before KMS is asked again, in milliseconds. Default 60,000. */
  readonly refreshMs?: number;
  readonly clock?: Clock;
}

export interface ResolvedKey {
  readonly arn: string;
  readonly region: string;
  /** The current key material, where KMS tells it. */
  readonly material?: string;
  /** Of a multi-Region key, where KMS tells it: the Regions that have it. */
  readonly relatives?: readonly string[];
}

export interface CurrentOptions extends CallOptions {
  /** One of the profile's Regions. Default: its home, as the configuration says. */
  readonly region?: string;
  /**
   * Whether the key is wanted for DEKs that are made in its own Region, whatever the others have. Default false: where the
   * Region's strategy is `multi-region`, its key must be related to the configured home's.
   */
  readonly standalone?: boolean;
  /**
   * Answers only with what KMS said at most so long ago, in milliseconds, and throws where KMS cannot be asked. Without
   * it, `refreshMs` counts, and what KMS said last serves on.
   */
  readonly maxAgeMs?: number;
}

export interface AllowsOptions extends CallOptions {
  /** Where the wrap is: keys of the profile's other Regions are refused then. Default: the Region that the ARN names. */
  readonly region?: string;
}

export interface KeyDirectory {
  /**
   * The key for new wraps in one of the profile's Regions. Throws DEKS_PROFILE_UNKNOWN, DEKS_REGION_UNKNOWN,
   * DEKS_KEY_UNSUITABLE (these two retryable: an operator may mend it), KmsError.
   */
  current(profile: string, options?: CurrentOptions): Promise<ResolvedKey>;
  /**
   * Whether wraps under this key may be opened: it is the profile's current key, or a retiring one, in the Region that its
   * ARN names. A key that is not known yet is looked for once more: an alias may just have been pointed at it. Throws as
   * `current`, and what the lookup of a retiring key failed with when only that could tell.
   */
  allows(profile: string, keyArn: string, options?: AllowsOptions): Promise<boolean>;
  /** The current keys that are resolved by now, by profile, then Region. */
  resolved(): Readonly<Record<string, Readonly<Record<string, ResolvedKey>>>>;
  /** Calls back with profile and Region when the current key there has become another. Returns the way to stop. */
  onChange(listener: (profile: string, region: string) => void): () => void;
}

export function createKeyDirectory(deps: KeyDirectoryDeps): KeyDirectory {
  const { profiles, clock = systemClock, refreshMs = 60_000 } = deps;
  const warnings = rateLimited(deps.logger, { everyMs: 10_000 });
  const opened = new Map<string, Map<string, RegionKeys>>();
  const listeners = new Set<(profile: string, region: string) => void>();

  /** Undefined for a Region that the profile does not have. */
  const keysIn = (profile: Profile, region: string): RegionKeys | undefined => {
    const known = opened.get(profile.name)?.get(region);
    const there = known ? undefined : profileAt(profile, region);
    if (!there) return known;
    const { name, key, retiring } = there;
    const made = createRegionKeys({
      ...{ profile: name, region, key, retiring, kms: deps.kms(region), warnings, refreshMs, clock },
      changed(from, to) {
        const fields = { profile: name, region, from: from.arn, to: to.arn };
        deps.logger.info(fields, "the profile's key is another one now");
        for (const listener of listeners) listener(name, region);
      },
    });
    const regions = opened.get(name) ?? new Map<string, RegionKeys>();
    opened.set(name, regions.set(region, made));
    return made;
  };

  /** As far as it can be told without asking the home Region, which may be down. */
  const requireRelated = (profile: Profile, key: ResolvedKey): void => {
    const { name, home, replicas } = profile;
    if (key.region === home || replicas[key.region]?.strategy !== "multi-region") return;
    const homeArn = opened.get(name)?.get(home)?.known()?.arn ?? (isKeyArn(profile.key) ? profile.key : undefined);
    const related =
      homeArn === undefined
        ? relatedKeyArn(key.arn, home) !== undefined && (key.relatives?.includes(home) ?? true)
        : areRelatedKeys(homeArn, key.arn);
    if (related) return;
    const message = "a replica Region's key is not related to the home's, which its strategy multi-region needs";
    throw new DeksError("DEKS_KEY_UNSUITABLE", message, {
      retryable: true,
      context: { profile: name, region: key.region, keyArn: key.arn },
    });
  };

  return {
    async current(name, { region, standalone = false, maxAgeMs, signal } = {}) {
      const profile = profileIn(profiles, name);
      const keys = keysIn(profile, region ?? profile.home);
      if (!keys) throw regionUnknown(name, region ?? profile.home);
      const key = await keys.current(maxAgeMs, signal);
      if (!standalone) requireRelated(profile, key);
      return key;
    },
    async allows(name, keyArn, { region, signal } = {}) {
      const profile = profileIn(profiles, name);
      const named = keyReferenceRegion(keyArn);
      if (named === undefined || (region !== undefined && named !== region)) return false;
      return (await keysIn(profile, named)?.allows(keyArn, signal)) ?? false;
    },
    resolved: () =>
      Object.fromEntries(
        [...opened].map(([profile, regions]) => [
          profile,
          Object.fromEntries(
            [...regions].flatMap(([region, keys]) => {
              const key = keys.known();
              return key ? [[region, key]] : [];
            }),
          ),
        ]),
      ),
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** Throws DEKS_PROFILE_UNKNOWN. */
export function profileIn(profiles: Readonly<Record<string, Profile>>, name: string): Profile {
  const profile = Object.hasOwn(profiles, name) ? profiles[name] : undefined;
  if (profile) return profile;
  throw new DeksError("DEKS_PROFILE_UNKNOWN", "no such profile in the configuration", { context: { profile: name } });
}

/** Another process's configuration may know more, and so may this one's tomorrow: hence retryable. */
export function regionUnknown(profile: string, region: string): DeksError {
  return new DeksError("DEKS_REGION_UNKNOWN", "the configuration does not give the profile a key in that Region", {
    retryable: true,
    context: { profile, region },
  });
}
