/**
 * Which KMS keys a profile may use, as ARNs.
 *
 * The configuration names keys (often by alias); KMS says which key that is
 * today. The directory resolves each name on first use, watches it, and is the
 * one authority on the ARNs that KMS is called with.
 */

import type { KmsGovernor } from "@dekhand/kms";
import { type Clock, type Logger, type Profile, systemClock, waitFor } from "@dekhand/runtime";
import type { CallOptions } from "@dekhand/store";
import { DeksError } from "./errors.ts";
import { createSingleFlight } from "./single-flight.ts";

export interface KeyDirectoryDeps {
  readonly profiles: Readonly<Record<string, Profile>>;
  readonly kms: (region: string) => Pick<KmsGovernor, "describeKey">;
  readonly logger: Logger;
  /** How long a resolved name is trusted before KMS is asked again, in milliseconds. Default 60,000. */
  readonly refreshMs?: number;
  readonly clock?: Pick<Clock, "monotonic">;
}

export interface ResolvedKey {
  readonly arn: string;
  readonly region: string;
}

export interface KeyDirectory {
  /** The key for new DEKs. Throws DEKS_PROFILE_UNKNOWN, DEKS_KEY_UNSUITABLE (retryable: an operator may mend it), KmsError. */
  current(profile: string, options?: CallOptions): Promise<ResolvedKey>;
  /** Every key whose wraps may be opened: the current one and the retiring ones. Errors as for `current`. */
  allowed(profile: string, options?: CallOptions): Promise<ReadonlySet<string>>;
  /** What is resolved by now, by profile: for heartbeats. */
  resolved(): Readonly<Record<string, ResolvedKey>>;
  /** Calls back with a profile's name when its current key has become another. Returns the way to stop. */
  onChange(listener: (profile: string) => void): () => void;
}

interface Entry {
  readonly key: ResolvedKey;
  readonly allowed: ReadonlySet<string>;
  readonly at: number;
}

export function createKeyDirectory(deps: KeyDirectoryDeps): KeyDirectory {
  const clock = deps.clock ?? systemClock;
  const refreshMs = deps.refreshMs ?? 60_000;
  const entries = new Map<string, Entry>();
  const listeners = new Set<(profile: string) => void>();
  const lookups = createSingleFlight<Entry>();

  const resolveName = async (region: string, name: string): Promise<string> => {
    const found = await deps.kms(region).describeKey(name);
    if (found.usage !== "ENCRYPT_DECRYPT" || found.spec !== "SYMMETRIC_DEFAULT") {
      throw new DeksError("DEKS_KEY_UNSUITABLE", "a profile's key must be a symmetric encryption key", {
        retryable: true,
        context: { key: name, region },
      });
    }
    return found.arn;
  };

  const lookUp = (profile: Profile) =>
    lookups.run(profile.name, async () => {
      const { home, key, retiring, name } = profile;
      const [arn, ...old] = await Promise.all([key, ...retiring].map((each) => resolveName(home, each)));
      if (arn === undefined) throw new TypeError("a profile has a key");
      const before = entries.get(name);
      const entry: Entry = { key: { arn, region: home }, allowed: new Set([arn, ...old]), at: clock.monotonic() };
      entries.set(name, entry);
      if (before && before.key.arn !== arn) {
        deps.logger.info({ profile: name, from: before.key.arn, to: arn }, "the profile's key is another one now");
        for (const listener of listeners) listener(name);
      }
      return entry;
    });

  const entryOf = async (name: string, signal: AbortSignal | undefined): Promise<Entry> => {
    const profile = Object.hasOwn(deps.profiles, name) ? deps.profiles[name] : undefined;
    if (!profile)
      throw new DeksError("DEKS_PROFILE_UNKNOWN", "no such profile in the configuration", {
        context: { profile: name },
      });
    const known = entries.get(name);
    if (!known) return waitFor(lookUp(profile), signal);
    if (clock.monotonic() - known.at >= refreshMs) {
      // KMS being unreachable must not stop records: what was true a minute ago serves until KMS answers.
      lookUp(profile).catch((error: unknown) => {
        entries.set(name, { ...known, at: clock.monotonic() });
        deps.logger.warn({ err: error, profile: name }, "could not look the profile's key up again");
      });
    }
    return known;
  };

  return {
    current: async (profile, { signal } = {}) => (await entryOf(profile, signal)).key,
    allowed: async (profile, { signal } = {}) => (await entryOf(profile, signal)).allowed,
    resolved: () => Object.fromEntries([...entries].map(([name, entry]) => [name, entry.key])),
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
