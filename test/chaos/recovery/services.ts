/** A Region's services, each kept up by a supervisor that has power only while the Region does. */

import type { SpawnedScript } from "@dekhand/testing";
import type { Stack } from "../../stack/start-stack.ts";
import { type Crew, startCrew } from "../crew.ts";

export interface RegionServices extends AsyncDisposable {
  readonly encryptors: Crew;
  /** Undefined until they are started. */
  readonly replicators: Crew | undefined;
  startReplicators(): void;
  /** Whether every process has been started, and none is known to be gone. */
  isUp(): boolean;
  /** Off: what ends is not started again until it is on. */
  power(on: boolean): void;
  /** What ended by itself, of all crews. */
  crashes(): readonly string[];
}

export interface RegionServicesOptions {
  readonly encryptors: number;
  readonly control: boolean;
  readonly env: Readonly<Record<string, string>>;
}

export function startServices(
  stack: Stack,
  region: string,
  { encryptors: size, control: hasControl, env }: RegionServicesOptions,
): RegionServices {
  let powered = Promise.withResolvers<void>();
  powered.resolve();
  let isClosing = false;
  const crews = new Map<Crew, number>();
  let replicators: Crew | undefined;

  const crew = (service: string, places: number, spawn: (env: Record<string, string>) => Promise<SpawnedScript>) => {
    const started = startCrew(`${service}-${region}`, places, async (DEKHAND_WORKER_ID) => {
      await powered.promise;
      if (isClosing) throw new Error("the test is over");
      return spawn({ ...env, DEKHAND_WORKER_ID });
    });
    crews.set(started, places);
    return started;
  };

  const encryptors = crew("encryptor", size, (more) => stack.spawnEncryptor(more));
  if (hasControl) crew("control", 1, (more) => stack.spawnControl(more));
  return {
    encryptors,
    get replicators() {
      return replicators;
    },
    startReplicators() {
      replicators ??= crew("replicator", 1, (more) => stack.spawnReplicator(more));
    },
    power(on) {
      if (on) powered.resolve();
      else powered = Promise.withResolvers();
    },
    isUp: () => [...crews].every(([each, places]) => each.up().length === places),
    crashes: () => [...crews.keys()].flatMap(({ crashes }) => crashes),
    async [Symbol.asyncDispose]() {
      isClosing = true;
      powered.resolve();
      await Promise.all([...crews.keys()].map((each) => each[Symbol.asyncDispose]()));
    },
  };
}
