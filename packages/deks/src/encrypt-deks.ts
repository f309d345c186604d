/**
 * DEKs for sealing: one at a time per profile, home Region and scope, reused within
 * the profile's limits, replaced ahead of its end, wiped when its time is over.
 *
 * A DEK is handed out only once it is durable. Callers that find none wait for
 * one birth together. A failed birth fails those who wait for it; whether and
 * when to try again is theirs to decide.
 */

import { canonicalContext, type EncryptionContext } from "@dekhand/envelope";
import type { KmsGovernor } from "@dekhand/kms";
import {
  type Clock,
  type Logger,
  type Metrics,
  type Profile,
  rateLimited,
  systemClock,
  waitFor,
} from "@dekhand/runtime";
import type { CallOptions, DekStore, StateStore } from "@dekhand/store";
import { LRUCache } from "lru-cache";
import { createCacheMetrics } from "./cache-metrics.ts";
import { bearUnderCurrentKey } from "./current-birth.ts";
import { createGeneration } from "./dek-generation.ts";
import { createDekSlot, type DekSlot } from "./dek-slot.ts";
import { DeksError } from "./errors.ts";
import type { KeyDirectory } from "./key-directory.ts";
import { scopeOf } from "./kms-context.ts";
import type { ReplicaWraps } from "./replica-wrap-birth.ts";
import type { DekLease } from "./shared-dek.ts";
import { createSingleFlight } from "./single-flight.ts";

export interface EncryptDeksDeps {
  readonly keys: KeyDirectory;
  readonly kms: (region: string) => Pick<KmsGovernor, "generateDataKey" | "region">;
  readonly store: (region: string) => Pick<DekStore, "insert">;
  /** Asked before each birth whether a campaign has left the key. */
  readonly state: (region: string) => Pick<StateStore, "leftKey">;
  /** Makes wraps for the profiles' replica Regions while a new DEK is in memory. Default: they are made later. */
  readonly replicaWraps?: Pick<ReplicaWraps, "atBirth">;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Scopes that keep a DEK at the same time; the least recently used is wiped. Default 1,000. */
  readonly maxScopes?: number;
  readonly clock?: Clock;
}

export interface AcquireRequest {
  /** As it is by now: the DEK is made in its `home`, and one that was made in another Region is not handed out. */
  readonly profile: Profile;
  /** The record's whole context; the profile says which part of it scopes the DEK. */
  readonly context: EncryptionContext;
  /** Plaintext bytes that will be sealed under the lease: one record's. */
  readonly bytes: number;
}

export interface EncryptDeks {
  /** A lease on a durable DEK for one record. Throws KmsError, StoreError, DeksError, or the signal's reason. */
  acquire(request: AcquireRequest, options?: CallOptions): Promise<DekLease>;
  /** Hands out none of the DEKs that lie ready for that profile and scope any more; they are wiped at their return. */
  abandon(request: Pick<AcquireRequest, "profile" | "context">): void;
  /** Wipes every DEK that is not leased, and each leased one at its return. Later calls throw DEKS_CLOSED. */
  close(): void;
}

/** For how long a failed birth answers those who ask for the same scope again. */
const failureMemoryMs = 500;

export function createEncryptDeks(deps: EncryptDeksDeps): EncryptDeks {
  const clock = deps.clock ?? systemClock;
  const births = createSingleFlight<void>();
  const warnings = rateLimited(deps.logger, { everyMs: 10_000 });
  const stopped = new AbortController();
  const slots = new LRUCache<string, DekSlot>({
    max: deps.maxScopes ?? 1_000,
    dispose: (slot) => slot.retire(),
  });
  // A key that KMS refuses must not cost a call for every record that waits for it.
  const failures = new LRUCache<string, { readonly error: unknown }>({
    max: deps.maxScopes ?? 1_000,
    ttl: failureMemoryMs,
  });
  const born = deps.metrics.counter("dek_births_total", "DEKs created and made durable", ["profile"]);
  const sealed = deps.metrics.counter("dek_leases_total", "Records given a DEK to be sealed under", ["profile"]);
  const { waits, refreshes } = createCacheMetrics(deps.metrics);

  const bear = (key: string, profile: Profile, scope: EncryptionContext) =>
    births.run(key, () =>
      bearIntoSlot(key, profile, scope).catch((error: unknown) => {
        failures.set(key, { error });
        throw error;
      }),
    );

  const bearIntoSlot = async (key: string, profile: Profile, scope: EncryptionContext) => {
    const startedAt = clock.monotonic();
    const { home } = profile;
    const { replicaWraps } = deps;
    const places = { kms: deps.kms(home), store: deps.store(home), state: deps.state(home), replicaWraps };
    const { signal } = stopped;
    const { dek, keyArn } = await bearUnderCurrentKey(
      { profile, scope },
      { ...places, keys: deps.keys, clock, signal },
    );
    born.inc({ profile: profile.name });
    const generation = createGeneration(dek, profile.reuse, clock);
    const keyNow = await deps.keys.current(profile.name, { region: home, standalone: true, signal });
    if (signal.aborted || keyNow.arn !== keyArn) {
      generation.retire();
      return;
    }
    const slot = slots.get(key) ?? createDekSlot(profile.reuse, clock);
    slot.offer(generation, clock.monotonic() - startedAt);
    slots.set(key, slot);
  };

  const refreshAhead = async (key: string, profile: Profile, scope: EncryptionContext) => {
    try {
      await bear(key, profile, scope);
      refreshes.inc({ side: "encrypt", outcome: "ready" });
    } catch (error) {
      refreshes.inc({ side: "encrypt", outcome: "failed" });
      const fields = { err: error, profile: profile.name };
      warnings.log("warn", profile.name, fields, "the next DEK is not ready yet; the one in use goes on");
    }
  };

  const acquire: EncryptDeks["acquire"] = async ({ profile, context, bytes }, { signal } = {}) => {
    const scope = scopeOf(profile, context);
    const key = slotKey(profile, scope);
    for (let waited = false; ; waited = true) {
      signal?.throwIfAborted();
      if (stopped.signal.aborted) throw new DeksError("DEKS_CLOSED", "the DEK cache is closed");
      const slot = slots.get(key);
      const lease = slot?.take(bytes);
      if (slot && lease) {
        sealed.inc({ profile: profile.name });
        if (slot.wantsNext && !births.has(key) && !failures.has(key)) void refreshAhead(key, profile, scope);
        return lease;
      }
      const failed = births.has(key) ? undefined : failures.get(key);
      if (failed) throw failed.error;
      if (!waited) waits.inc({ side: "encrypt" });
      await waitFor(bear(key, profile, scope), signal);
    }
  };

  // A DEK under a key that the configuration has left is not used for new records.
  const unwatch = deps.keys.onChange((profile, region) => {
    for (const key of slots.keys()) if (key.startsWith(placeOf(profile, region))) slots.delete(key);
  });

  return {
    acquire,
    abandon({ profile, context }) {
      slots.delete(slotKey(profile, scopeOf(profile, context)));
    },
    close() {
      unwatch();
      stopped.abort(new DeksError("DEKS_CLOSED", "the DEK cache is closed"));
      slots.clear();
    },
  };
}

function slotKey({ name, home }: Profile, scope: EncryptionContext): string {
  return `${placeOf(name, home)}${canonicalContext(scope).toString("base64")}`;
}

function placeOf(profile: string, home: string): string {
  return `${profile}\n${home}\n`;
}
