/**
 * The KMS keys of one profile in one of its Regions, as ARNs: what their names
 * stand for, asked for again as time goes by. When KMS cannot be asked, what it
 * said last serves on.
 */

import type { KmsGovernor } from "@dekhand/kms";
import { type Clock, isKeyArn, type RateLimitedLogger, waitFor } from "@dekhand/runtime";
import { DeksError } from "./errors.ts";
import type { ResolvedKey } from "./key-directory.ts";
import { createSingleFlight } from "./single-flight.ts";

export interface RegionKeysDeps {
  readonly profile: string;
  readonly region: string;
  readonly key: string;
  readonly retiring: readonly string[];
  readonly kms: Pick<KmsGovernor, "describeKey">;
  readonly warnings: RateLimitedLogger;
  readonly refreshMs: number;
  readonly clock: Clock;
  /** After the current key has become another one. */
  readonly changed: (from: ResolvedKey, to: ResolvedKey) => void;
}

export interface RegionKeys {
  /** The current key; at most `maxAgeMs` old, or an error, where that is given. */
  current(maxAgeMs: number | undefined, signal: AbortSignal | undefined): Promise<ResolvedKey>;
  allows(keyArn: string, signal: AbortSignal | undefined): Promise<boolean>;
  /** The current key as it is known, if it is. */
  known(): ResolvedKey | undefined;
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

export function createRegionKeys(deps: RegionKeysDeps): RegionKeys {
  const { profile, region, clock, refreshMs } = deps;
  const lookups = createSingleFlight<Entry>();
  let entry: Entry | undefined;

  const warn = (key: string, error: unknown) => {
    const fields = { err: error, profile, region, key };
    deps.warnings.log("warn", `${profile} ${region} ${key}`, fields, "a profile's key cannot be looked up");
  };

  const resolveName = async (name: string): Promise<ResolvedKey> => {
    const { arn, material, usage, spec, primaryRegion, replicaRegions = [] } = await deps.kms.describeKey(name);
    if (usage === "ENCRYPT_DECRYPT" && spec === "SYMMETRIC_DEFAULT") {
      const relatives = primaryRegion === undefined ? {} : { relatives: [primaryRegion, ...replicaRegions] };
      return { arn, region, ...(material === undefined ? {} : { material }), ...relatives };
    }
    throw new DeksError("DEKS_KEY_UNSUITABLE", "a profile's key must be a symmetric encryption key", {
      retryable: true,
      context: { key: name, region },
    });
  };

  /** One dead old key must not stop a profile: it is left out until it can be found. */
  const resolveRetiring = async (key: string): Promise<Lookup> => {
    if (isKeyArn(key)) return { arn: key };
    try {
      return { arn: (await resolveName(key)).arn };
    } catch (error) {
      warn(key, error);
      return { error };
    }
  };

  const lookUp = () =>
    lookups.run("all", async () => {
      const askedAt = clock.monotonic();
      const before = entry;
      const [key, retiring] = await Promise.all([
        resolveName(deps.key),
        Promise.all(deps.retiring.map(resolveRetiring)),
      ]);
      // What a retiring name meant before still holds while it cannot be asked.
      const kept = retiring.map((each, at) => ("error" in each ? (before?.retiring[at] ?? each) : each));
      const found: Entry = { key, retiring: kept, askedAt, trustedFrom: clock.monotonic() };
      entry = found;
      if (before && before.key.arn !== key.arn) deps.changed(before.key, key);
      return found;
    });

  /** At most `maxAgeMs` old unless KMS cannot be asked. */
  const recent = async (maxAgeMs: number, signal: AbortSignal | undefined): Promise<Entry> => {
    const known = entry;
    if (known && clock.monotonic() - known.trustedFrom < maxAgeMs) return known;
    try {
      return await waitFor(lookUp(), signal);
    } catch (error) {
      signal?.throwIfAborted();
      if (!known) throw error;
      warn(deps.key, error);
      const kept = { ...known, trustedFrom: clock.monotonic() };
      entry = kept;
      return kept;
    }
  };

  return {
    async current(maxAgeMs, signal) {
      if (maxAgeMs === undefined) return (await recent(refreshMs, signal)).key;
      if (entry && clock.monotonic() - entry.askedAt < maxAgeMs) return entry.key;
      return (await waitFor(lookUp(), signal)).key;
    },
    async allows(keyArn, signal) {
      if (knows(await recent(refreshMs, signal), keyArn)) return true;
      const again = await recent(Math.min(missIntervalMs, refreshMs), signal);
      if (knows(again, keyArn)) return true;
      const unknown = again.retiring.find((each) => "error" in each);
      if (unknown && "error" in unknown) throw unknown.error;
      return false;
    },
    known: () => entry?.key,
  };
}

function knows({ key, retiring }: Entry, keyArn: string): boolean {
  return key.arn === keyArn || retiring.some((each) => "arn" in each && each.arn === keyArn);
}
