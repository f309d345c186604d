/**
 * Redis in a container, for machines with a Docker engine and no Redis. Slower to start; the container library
 * removes the container when this process dies.
 */

import { GenericContainer, getContainerRuntimeClient, Wait } from "testcontainers";
import { LocalRedisError } from "./errors.ts";
import type { RunningRedis } from "./redis-process.ts";
import { type RedisSettings, readyLine, redisArguments } from "./redis-settings.ts";

/** The last line of Redis under the BSD licence. */
const image = "redis:7.2-alpine";
const containerPort = 6379;
const containerFolder = "/data";

export async function hasContainerEngine(): Promise<boolean> {
  return getContainerRuntimeClient().then(
    () => true,
    () => false,
  );
}

export interface RedisContainerOptions {
  readonly settings: RedisSettings;
  readonly readyTimeoutMs: number;
}

export async function runRedisContainer({ settings, readyTimeoutMs }: RedisContainerOptions): Promise<RunningRedis> {
  const args = redisArguments({ ...settings, port: containerPort, bind: "0.0.0.0", folder: containerFolder });
  const container = new LoopbackContainer(image)
    // Inside the container's own network; outside, only loopback leads there.
    .withCommand(["redis-server", ...args, "--protected-mode", "no"])
    .withExposedPorts({ container: containerPort, host: settings.port })
    .withWaitStrategy(Wait.forLogMessage(readyLine))
    .withStartupTimeout(readyTimeoutMs);
  if (settings.persistent) container.withBindMounts([{ source: settings.folder, target: containerFolder, mode: "rw" }]);
  const started = await container.start().catch((cause: unknown) => {
    throw new LocalRedisError("LOCAL_REDIS_START_FAILED", `the container of ${image} did not start`, { cause });
  });
  return {
    end: async () => void (await started.stop({ remove: true, timeout: 5_000 })),
    kill: async () => void (await started.stop({ remove: true, timeout: 0 })),
  };
}

/** The library publishes ports on all addresses of the machine; a Redis without a password belongs on loopback. */
class LoopbackContainer extends GenericContainer {
  protected override async beforeContainerCreated(): Promise<void> {
    const bindings: unknown = this.hostConfig.PortBindings;
    if (typeof bindings !== "object" || bindings === null) return;
    for (const list of Object.values(bindings)) {
      if (Array.isArray(list)) for (const binding of list) binding.HostIp = "127.0.0.1";
    }
  }
}
