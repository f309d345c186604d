/**
 * Which KMS keys a profile may use, as ARNs.
 *
 * The configuration names keys (often by alias); KMS says which key that is
 * today. The directory resolves each name by itself, watches it, and is the one
 * authority on the ARNs that KMS is called with. When KMS cannot be asked, what
 * it said last serves on.
 */

import type { KmsGovernor } from "@dekhand/kms";
import { type Clock, type Logger, type Profile, rateLimited, systemClock, waitFor } from "@dekhand/runtime";
import type { CallOptions } from "@dekhand/store";
import { DeksError } from "./errors.ts";
import { createSingleFlight } from "./single-flight.ts";

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
}

export interface CurrentOptions extends CallOptions {
  /**
   * Answers only with what KMS said at most so long ago, in milliseconds, and throws where KMS cannot be asked. Without
   * it, `refreshMs` counts, and what KMS said last serves on.
   */
  readonly maxAgeMs?: number;
}

export interface KeyDirectory {
  /** The key for new DEKs. Throws DEKS_PROFILE_UNKNOWN, DEKS_KEY_UNSUITABLE (retryable: an operator may mend it), KmsError. */
  current(profile: string, options?: CurrentOptions): Promise<ResolvedKey>;
  /**
   * Whether wraps under this key may be opened: it is the profile's current key or a retiring one. A key that is not
   * known yet is looked for once more: an alias may just have been pointed at it. Throws as `current`, and what the
   * lookup of a retiring key failed with when only that could tell.
   */
  allows(profile: string, keyArn: string, options?: CallOptions): Promise<boolean>;
  /** What is resolved by now, by profile: for heartbeats. */
  resolved(): Readonly<Record<string, ResolvedKey>>;
  /** Calls back with a profile's name when its current key has become another. Returns the way to stop. */
  onChange(listener: (profile: string) => void): () => void;
}

type Lookup = { readonly arn: string } | { readonly error: unknown };

interface Entry {
  readonly key: ResolvedKey;
  readonly retiring: readonly Lookup[];
  /** When KMS was asked for what this says. */
  readonly askedAt: number;
  /** Counts as new from here on: later than `askedAt` where KMS could not be asked again. */
  readonly trustedFrom: number;
}

/** A stranger's key in a table must not cost a lookup for every reading. */
const missIntervalMs = 5_000;

export function createKeyDirectory(deps: KeyDirectoryDeps): KeyDirectory {
  const { clock = systemClock, refreshMs = 60_000 } = deps;
  const entries = new Map<string, Entry>();
  const listeners = new Set<(profile: string) => void>();
  const lookups = createSingleFlight<Entry>();
  const warnings = rateLimited(deps.logger, { everyMs: 10_000 });

  const warn = (profile: string, key: string, error: unknown) =>
    warnings.log("warn", `${profile} ${key}`, { err: error, profile, key }, "a profile's key cannot be looked up");

  const resolveName = async (region: string, name: string): Promise<ResolvedKey> => {
    const { arn, material, usage, spec } = await deps.kms(region).describeKey(name);
    if (usage === "ENCRYPT_DECRYPT" && spec === "SYMMETRIC_DEFAULT") {
      return { arn, region, ...(material === undefined ? {} : { material }) };
    }
    throw new DeksError("DEKS_KEY_UNSUITABLE", "a profile's key must be a symmetric encryption key", {
      retryable: true,
      context: { key: name, region },
    });
  };

  /** One dead old key must not stop a profile: it is left out until it can be found. */
  const resolveRetiring = async ({ name, home }: Profile, key: string): Promise<Lookup> => {
    if (isKeyArn(key)) return { arn: key };
    try {
      return { arn: (await resolveName(home, key)).arn };
    } catch (error) {
      warn(name, key, error);
      return { error };
    }
  };

  const lookUp = (profile: Profile) =>
    lookups.run(profile.name, async () => {
      const { home, name } = profile;
      const askedAt = clock.monotonic();
      const before = entries.get(name);
      const [key, retiring] = await Promise.all([
        resolveName(home, profile.key),
        Promise.all(profile.retiring.map((key) => resolveRetiring(profile, key))),
      ]);
      // What a retiring name meant before still holds while it cannot be asked.
      const kept = retiring.map((each, at) => ("error" in each ? (before?.retiring[at] ?? each) : each));
      const entry: Entry = { key, retiring: kept, askedAt, trustedFrom: clock.monotonic() };
      entries.set(name, entry);
      if (before && before.key.arn !== key.arn) {
        deps.logger.info({ profile: name, from: before.key.arn, to: key.arn }, "the profile's key is another one now");
        for (const listener of listeners) listener(name);
      }
      return entry;
    });

  const profileOf = (name: string): Profile => {
    const profile = Object.hasOwn(deps.profiles, name) ? deps.profiles[name] : undefined;
    if (!profile) {
      throw new DeksError("DEKS_PROFILE_UNKNOWN", "no such profile in the configuration", {
        context: { profile: name },
      });
    }
    return profile;
  };

  /** The profile's entry, at most `maxAgeMs` old unless KMS cannot be asked. */
  const entryOf = async (name: string, maxAgeMs: number, signal: AbortSignal | undefined): Promise<Entry> => {
    const profile = profileOf(name);
    const known = entries.get(name);
    if (known && clock.monotonic() - known.trustedFrom < maxAgeMs) return known;
    try {
      return await waitFor(lookUp(profile), signal);
    } catch (error) {
      signal?.throwIfAborted();
      if (!known) throw error;
      warn(name, profile.key, error);
      const kept = { ...known, trustedFrom: clock.monotonic() };
      entries.set(name, kept);
      return kept;
    }
  };

  return {
    async current(name, { maxAgeMs, signal } = {}) {
      if (maxAgeMs === undefined) return (await entryOf(name, refreshMs, signal)).key;
      const profile = profileOf(name);
      const known = entries.get(name);
      if (known && clock.monotonic() - known.askedAt < maxAgeMs) return known.key;
      return (await waitFor(lookUp(profile), signal)).key;
    },
    async allows(profile, keyArn, { signal } = {}) {
      if (knows(await entryOf(profile, refreshMs, signal), keyArn)) return true;
      const again = await entryOf(profile, Math.min(missIntervalMs, refreshMs), signal);
      if (knows(again, keyArn)) return true;
      const unknown = again.retiring.find((each) => "error" in each);
      if (unknown && "error" in unknown) throw unknown.error;
      return false;
    },
    resolved: () => Object.fromEntries([...entries].map(([name, entry]) => [name, entry.key])),
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

function knows({ key, retiring }: Entry, keyArn: string): boolean {
  return key.arn === keyArn || retiring.some((each) => "arn" in each && each.arn === keyArn);
}

function isKeyArn(name: string): boolean {
  return /^arn:[^:]+:kms:[^:]+:[^:]+:key\//.test(name);
}
