/**
 * Sees to it that new material of a profile's key starts a campaign, once.
 *
 * It looks at what KMS says of the keys of all profiles with `autoRewrap`: at a
 * steady pace, and at once when an event of KMS names one of them. What an event
 * says is never acted on. Any number of watches may run: what they do is decided
 * in the state table (see handle-rotation.ts).
 */

import { describeError } from "@dekhand/errors";
import type { Handler, KmsEvent } from "@dekhand/jobs";
import type { CallOptions } from "@dekhand/kms";
import {
  anySignal,
  type Clock,
  type DeploymentConfig,
  type Logger,
  type Metrics,
  type Profile,
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
import type { SeenKey } from "./see-keys.ts";

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
  const watched = Object.values(config.profiles).filter(({ autoRewrap }) => autoRewrap === true);
  const all = ownPlaces(config);
  const stopped = new AbortController();
  const warnings = rateLimited(logger, { everyMs: 60_000 });
  const lastKeys = new Map<string, string>();
  const said = new Map<string, string | undefined>();
  const claimed = metrics.counter(
    "rotations_handled_total",
    "Key materials for which this process claimed a campaign",
    ["trigger"],
  );
  const lastSuccess = metrics.gauge(
    "rotation_watch_last_success_seconds",
    "When a profile's key was last looked at for new material, in seconds since 1970",
    ["profile"],
  );
  let polling: Promise<void> = Promise.resolve();

  const look = async (
    profiles: readonly Profile[],
    { trigger, signal }: CallOptions & { readonly trigger: RotationTrigger },
  ): Promise<Looked> => {
    const handling = {
      ...deps,
      all,
      now: () => new Date(clock.now()),
      onClaimed: () => claimed.inc({ trigger: trigger.kind }),
    };
    const looked = await lookAtKeys(profiles, handling, { trigger, signal, lastKey: (name) => lastKeys.get(name) });
    for (const { key, result } of looked.handled) {
      for (const profile of key.profiles) {
        lastKeys.set(profile, key.keyId);
        lastSuccess.set({ profile }, clock.now() / 1_000);
      }
      say(key, result);
    }
    for (const { profiles: names, error } of looked.failed) {
      const fields = { err: error, profiles: names };
      warnings.log("warn", names.join(" "), fields, "cannot tell whether a key was rotated; looking again later");
    }
    return looked;
  };

  /** What is so look after look is said once. */
  const say = ({ keyId, profiles }: SeenKey, result: HandledKey) => {
    const line = lineOf(result);
    const words = JSON.stringify(line);
    if (line !== undefined && said.get(keyId) !== words) {
      logger[line.level]({ keyId, profiles, ...line.fields }, line.message);
    }
    said.set(keyId, words);
  };

  const poll = async () => {
    const { signal } = stopped;
    while (!signal.aborted) {
      let hasFailed = true;
      try {
        hasFailed = (await look(watched, { trigger: { kind: "poll" }, signal })).failed.length > 0;
      } catch (error) {
        if (signal.aborted) return;
        logger.error({ err: describeError(error) }, "a look at the keys failed unexpectedly");
      }
      const waitMs = hasFailed ? Math.min(retryMs, pollMs) : pollMs;
      await sleep(waitMs * (0.9 + 0.2 * Math.random()), { signal }).catch(() => undefined);
    }
  };

  return {
    async start() {
      if (watched.length > 0) polling = poll();
    },
    async drain() {
      stopped.abort();
      await polling;
    },
    async onEvent({ job, attempt, signal }) {
      if (job.kind === "other") return { kind: "done", note: "other-event" };
      const concerned = watched.filter(({ name }) => (lastKeys.get(name) ?? job.keyId) === job.keyId);
      if (concerned.length === 0) return { kind: "done", note: "key-not-watched" };
      using either = anySignal([signal, stopped.signal]);
      const looked = await look(concerned, { trigger: { kind: "event", id: job.id }, signal: either.signal });
      return eventOutcome(job, attempt, looked);
    },
  };
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
