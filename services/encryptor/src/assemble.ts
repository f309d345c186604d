/** An encryptor from a deployment's configuration. Nothing is contacted before `start`. */

import { createBridgeKeys, createEncryptDeks, createReplicaWraps, createTransitKeys } from "@dekhand/deks";
import { createTransitKeyring, type EncryptJob, encryptJobs } from "@dekhand/jobs";
import { deadlineIn, waitFor } from "@dekhand/runtime";
import { type AssembledWorker, assembleWorker, type WorkerAssembly } from "@dekhand/worker";
import { announceDebt } from "./announce.ts";
import { createEncryptor, type EncryptorOptions } from "./encryptor.ts";
import { reportReplicaKeys } from "./report-replica-keys.ts";

export interface EncryptorAssembly extends WorkerAssembly {
  readonly options?: Partial<EncryptorOptions>;
}

export type AssembledEncryptor = AssembledWorker<EncryptJob>;

export function assembleEncryptor(assembly: EncryptorAssembly): AssembledEncryptor {
  const { config, concurrency, logger, metrics } = assembly;
  return assembleWorker(assembly, "encryptor", async ({ kms, keys, homes, storesOf, state, heartbeat, ...worker }) => {
    const stateOf = (region: string) => storesOf(region).state;
    const deks = createEncryptDeks({
      keys,
      kms,
      store: (region) => storesOf(region).deks,
      state: stateOf,
      replicaWraps: createReplicaWraps({
        keys,
        kms,
        state: stateOf,
        bridges: createBridgeKeys({ kms }),
        logger,
        metrics,
      }),
      logger,
      metrics,
    });
    const { transit } = config;
    const transitKeys = transit && createTransitKeys({ state, kms: kms(transit.region ?? config.control), ...transit });
    const keyring = transitKeys && createTransitKeyring({ load: transitKeys.load });
    const parse = { maxPayloadBytes: config.limits.payloadBytes };
    const jobs = encryptJobs(keyring === undefined ? parse : { ...parse, transit: keyring });
    const consumers = await worker.openConsumers(jobs, config.queues.encrypt);
    const announcer = announceDebt(assembly);
    const service = createEncryptor({
      config,
      consumers,
      deks,
      homes,
      stores: storesOf,
      ...(announcer === undefined ? {} : { announce: announcer.announce }),
      heartbeat,
      logger,
      // Half of the slots stay for the other profiles.
      options: { maxWaitingForKey: Math.ceil(concurrency / 2), ...assembly.options },
    });
    const checking = new AbortController();
    return {
      service: {
        async start() {
          await service.start();
          void reportReplicaKeys({ profiles: config.profiles, kms, logger }, checking.signal);
        },
        async drain(deadline) {
          checking.abort();
          using limit = deadlineIn(deadline.ms);
          await service.drain(deadline);
          if (announcer) await waitFor(announcer.close(), limit.signal).catch(() => undefined);
        },
      },
      consumers,
      release: () => keyring?.close(),
    };
  });
}
