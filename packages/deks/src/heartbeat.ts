import { deadlineIn, type Logger, sleep, waitFor } from "@dekhand/runtime";
import type { StateStore } from "@dekhand/store";
import type { KeyDirectory } from "./key-directory.ts";
import type { ProfileHomes } from "./profile-homes.ts";

/** Tells the state table that this worker lives, and which key it makes each profile's new DEKs under, and where. */
export interface Heartbeat {
  /** Begins to beat; the first beat is on its way when this returns. */
  start(): void;
  /** Whether the last beat was written. */
  readonly ok: boolean;
  /** Says that the worker has stopped, so that nobody waits for it. Ends by the deadline, in milliseconds from now. */
  stop(deadline: { readonly ms: number }): Promise<void>;
}

export interface HeartbeatDeps {
  readonly workerId: string;
  readonly service: string;
  readonly version: string;
  /** Names of the profiles whose keys are looked up, and so watched, with each beat. */
  readonly profiles: readonly string[];
  readonly state: Pick<StateStore, "putHeartbeat" | "deleteHeartbeat">;
  readonly keys: Pick<KeyDirectory, "current">;
  readonly homes: Pick<ProfileHomes, "of">;
  readonly logger: Logger;
  /** Default 30,000. */
  readonly everyMs?: number;
}

export function createHeartbeat(deps: HeartbeatDeps): Heartbeat {
  const stopped = new AbortController();
  const { signal } = stopped;
  let beating: Promise<void> = Promise.resolve();
  let ok = false;

  const keyOf = async (name: string) => {
    const { profile } = await deps.homes.of(name, { signal });
    const { arn, region } = await deps.keys.current(name, { region: profile.home, standalone: true, signal });
    return [name, { [region]: arn }] as const;
  };

  const currentKeys = async () => {
    const found = await Promise.allSettled(deps.profiles.map(keyOf));
    // A key that cannot be looked up is missing from the beat; the jobs that need it say why.
    return Object.fromEntries(found.flatMap((each) => (each.status === "fulfilled" ? [each.value] : [])));
  };

  // A missed beat is logged, never fatal: work goes on without the state table.
  const beat = async () => {
    try {
      const keys = await currentKeys();
      const { workerId, service, version } = deps;
      await deps.state.putHeartbeat({ workerId, service, version, at: new Date().toISOString(), keys }, { signal });
      ok = true;
    } catch (error) {
      ok = false;
      if (!signal.aborted) deps.logger.warn({ err: error }, "heartbeat not written");
    }
  };

  const keepBeating = async () => {
    while (!signal.aborted) {
      await beat();
      await sleep(deps.everyMs ?? 30_000, { signal }).catch(() => undefined);
    }
  };

  return {
    get ok() {
      return ok;
    },
    start() {
      beating = keepBeating();
    },
    async stop({ ms }) {
      using limit = deadlineIn(ms);
      stopped.abort();
      await waitFor(beating, limit.signal).catch(() => undefined);
      try {
        await deps.state.deleteHeartbeat(deps.workerId, { signal: limit.signal });
      } catch (error) {
        deps.logger.warn({ err: error }, "heartbeat not removed");
      }
    },
  };
}
