/**
 * Sees to it that new material of a profile's key starts a campaign, once.
 *
 * It looks at what KMS says of the keys of all profiles with `autoRewrap`, in the
 * Region that is the home by now and in replica Regions with keys of their own:
 * at a steady pace, and at once when an event of KMS names one of them. What an
 * event says is never acted on. Any number of watches may run: what they do is decided
 * in the state table (see handle-rotation.ts).
 */

import { DekhandError, describeError } from "@dekhand/errors";
import type { Handler, KmsEvent } from "@dekhand/jobs";
import type { CallOptions } from "@dekhand/kms";
import {
  anySignal,
  type Clock,
  type DeploymentConfig,
  type Logger,
  type Metrics,
  rateLimited,
  type Service,
  sleep,
  systemClock,
} from "@dekhand/runtime";
import type { AutoCampaignDeps } from "./auto-campaign.ts";
import { eventOutcome } from "./event-outcome.ts";
import type { HandledKey, HandleRotationDeps, RotationTrigger } from "./handle-rotation.ts";
import { type Looked, lookAtKeys } from "./look-at-keys.ts";
import { ownPlaces } from "./own-places.ts";
import { profilesOf, type SeenKey } from "./see-keys.ts";
import { type WatchedKey, watchedKeys, watchedName } from "./watched-keys.ts";

export interface RotationWatchDeps extends Omit<AutoCampaignDeps, "all">, Pick<HandleRotationDeps, "state"> {
  readonly config: Pick<DeploymentConfig, "control" | "profiles" | "transit">;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly clock?: Pick<Clock, "now">;
  readonly options?: Partial<RotationWatchOptions>;
}

export interface RotationWatchOptions {
  /** Between two looks at all keys, in milliseconds, give or take a tenth. Default 900,000: 15 minutes. */
  readonly pollMs: number;
  /** After a look that failed for some key, in milliseconds, if that is sooner. Default 60,000. */
  readonly retryMs: number;
}

export interface RotationWatch extends Service {
  /** Takes the events of KMS. One is done when its key was looked at, not when it came. */
  readonly onEvent: Handler<KmsEvent>;
}

const defaults: RotationWatchOptions = { pollMs: 15 * 60_000, retryMs: 60_000 };

export function createRotationWatch(deps: RotationWatchDeps): RotationWatch {
  const { config, logger, metrics, clock = systemClock } = deps;
  const { pollMs, retryMs } = { ...defaults, ...deps.options };
  const names = Object.values(config.profiles).flatMap(({ name, autoRewrap }) => (autoRewrap ? [name] : []));
  const all = ownPlaces(config);
  const stopped = new AbortController();
  const warnings = rateLimited(logger, { everyMs: 60_000 });
  const seen = new Map<string, Seen>();
  const said = new Map<string, string | undefined>();
  const claimed = metrics.counter(
    "rotations_handled_total",
    "Key materials for which this process claimed a campaign",
    ["trigger"],
  );
  const lastSuccess = metrics.gauge(
    "rotation_watch_last_success_seconds",
    "When a profile's key in a Region was last looked at for new material, in seconds since 1970",
    ["profile", "region"],
  );
  let polling: Promise<void> = Promise.resolve();

  /** By where the homes are now: a failover may have moved them. What is no longer watched is forgotten. */
  const watchedNow = async (options: CallOptions): Promise<readonly WatchedKey[]> => {
    const profiles = await deps.profiles(options);
    const watched = names.flatMap((name) => {
      const profile = profiles[name];
      return profile ? watchedKeys(profile) : [];
    });
    const kept = new Set(watched.map(watchedName));
    for (const name of seen.keys()) if (!kept.has(name)) seen.delete(name);
    show();
    return watched;
  };

  const show = () => {
    lastSuccess.reset();
    for (const { watched, at } of seen.values()) {
      lastSuccess.set({ profile: watched.profile, region: watched.region }, at / 1_000);
    }
  };

  const look = async (
    watched: readonly WatchedKey[],
    { trigger, signal }: CallOptions & { readonly trigger: RotationTrigger },
  ): Promise<Looked> => {
    const handling = {
      ...deps,
      all,
      now: () => new Date(clock.now()),
      onClaimed: () => claimed.inc({ trigger: trigger.kind }),
    };
    const looked = await lookAtKeys(watched, handling, { trigger, signal, lastKey });
    for (const { key, result } of looked.handled) {
      for (const one of key.watched) {
        seen.set(watchedName(one), { watched: one, keyId: key.keyId, at: clock.now() });
      }
      say(key, result);
    }
    show();
    for (const { watched: keys, error } of looked.failed) {
      const fields = { err: error, keys };
      const name = keys.map(watchedName).join();
      warnings.log("warn", name, fields, "cannot tell whether a key was rotated; looking again later");
    }
    return looked;
  };

  /** Another key may be configured there meanwhile, or the alias stand for another one: that is seen at the next look. */
  const lastKey = (watched: WatchedKey) => seen.get(watchedName(watched))?.keyId;

  /** What is so look after look is said once. */
  const say = ({ keyId, watched }: SeenKey, result: HandledKey) => {
    const profiles = profilesOf(watched);
    const line = lineOf(result);
    const words = JSON.stringify(line);
    if (line !== undefined && said.get(keyId) !== words) {
      logger[line.level]({ keyId, profiles, ...line.fields }, line.message);
    }
    said.set(keyId, words);
  };

  const sayUnlooked = (error: unknown) => {
    const message = "it cannot be told which keys to look at; trying again";
    if (error instanceof DekhandError) warnings.log("warn", error.code, { err: error }, message);
    else logger.error({ err: describeError(error) }, "a look at the keys failed unexpectedly");
  };

  const poll = async () => {
    const { signal } = stopped;
    while (!signal.aborted) {
      let hasFailed = true;
      try {
        const watched = await watchedNow({ signal });
        hasFailed = (await look(watched, { trigger: { kind: "poll" }, signal })).failed.length > 0;
      } catch (error) {
        if (signal.aborted) return;
        sayUnlooked(error);
      }
      const waitMs = hasFailed ? Math.min(retryMs, pollMs) : pollMs;
      await sleep(waitMs * (0.9 + 0.2 * Math.random()), { signal }).catch(() => undefined);
    }
  };

  return {
    async start() {
      if (names.length > 0) polling = poll();
    },
    async drain() {
      stopped.abort();
      await polling;
    },
    async onEvent({ job, attempt, signal }) {
      if (job.kind === "other") return { kind: "done", note: "other-event" };
      using either = anySignal([signal, stopped.signal]);
      const options = { signal: either.signal };
      let watched: readonly WatchedKey[];
      try {
        watched = await watchedNow(options);
      } catch (error) {
        either.signal.throwIfAborted();
        sayUnlooked(error);
        return eventOutcome(job, attempt, { handled: [], failed: [{ watched: [], error }] });
      }
      const concerned = watched.filter((one) => (lastKey(one) ?? job.keyId) === job.keyId);
      if (concerned.length === 0) return { kind: "done", note: "key-not-watched" };
      const looked = await look(concerned, { trigger: { kind: "event", id: job.id }, ...options });
      return eventOutcome(job, attempt, looked);
    },
  };
}

/** What is remembered of a key between two looks. */
interface Seen {
  readonly watched: WatchedKey;
  readonly keyId: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

interface Line {
  readonly level: "info" | "warn";
  readonly message: string;
  readonly fields?: object;
}

function lineOf(result: HandledKey): Line | undefined {
  switch (result.kind) {
    case "baseline":
      return undefined;
    case "untold":
      return {
        level: "warn",
        message: "KMS tells neither material nor rotations of a key: its rotations are not seen",
      };
    case "waits":
      return { level: "info", message: `a campaign for a key's material waits ${result.what}` };
    case "started":
      return {
        level: "info",
        message: "new key material: a campaign rewraps what is under older one",
        fields: { campaignId: result.campaign.id },
      };
    case "there": {
      const { id, status } = result.campaign;
      if (status !== "failed" && status !== "cancelled") return undefined;
      // It is not started again by itself: whatever ended it would most likely do so again.
      const message = `the campaign for a key's material has ended as ${status}; start another one by hand`;
      return { level: "warn", message, fields: { campaignId: id } };
    }
  }
}
