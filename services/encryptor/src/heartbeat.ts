import type { KeyDirectory } from "@dekhand/deks";
import type { Logger } from "@dekhand/runtime";
import type { StateStore } from "@dekhand/store";

/** Tells the state table that this worker lives, and which key each profile resolves to here. */
export interface Heartbeat {
  start(): Promise<void>;
  /** Says that the worker has stopped, so that nobody waits for it. */
  stop(): Promise<void>;
}

export interface HeartbeatDeps {
  readonly workerId: string;
  readonly service: string;
  readonly version: string;
  readonly state: Pick<StateStore, "putHeartbeat" | "deleteHeartbeat">;
  readonly keys: Pick<KeyDirectory, "resolved">;
  readonly logger: Logger;
  /** Default 30,000. */
  readonly everyMs?: number;
}

export function createHeartbeat(deps: HeartbeatDeps): Heartbeat {
  let timer: NodeJS.Timeout | undefined;

  // A missed beat is logged, never fatal: work goes on without the state table.
  const beat = async () => {
    try {
      await deps.state.putHeartbeat({
        workerId: deps.workerId,
        service: deps.service,
        version: deps.version,
        at: new Date().toISOString(),
        keys: Object.fromEntries(
          Object.entries(deps.keys.resolved()).map(([profile, { arn, region }]) => [profile, { [region]: arn }]),
        ),
      });
    } catch (error) {
      deps.logger.warn({ err: error }, "heartbeat not written");
    }
  };

  return {
    async start() {
      await beat();
      timer = setInterval(beat, deps.everyMs ?? 30_000);
    },
    async stop() {
      clearInterval(timer);
      try {
        await deps.state.deleteHeartbeat(deps.workerId);
      } catch (error) {
        deps.logger.warn({ err: error }, "heartbeat not removed");
      }
    },
  };
}
