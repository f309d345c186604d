/** An encryptor from a deployment's configuration. Nothing is contacted before `start`. */

import { createEncryptDeks, createTransitKeys } from "@dekhand/deks";
import { createTransitKeyring, type EncryptJob, encryptJobs } from "@dekhand/jobs";
import { type AssembledWorker, assembleWorker, type WorkerAssembly } from "@dekhand/worker";
import { createEncryptor, type EncryptorOptions } from "./encryptor.ts";

export interface EncryptorAssembly extends WorkerAssembly {
  readonly options?: Partial<EncryptorOptions>;
}

export type AssembledEncryptor = AssembledWorker<EncryptJob>;

export function assembleEncryptor(assembly: EncryptorAssembly): AssembledEncryptor {
  const { config, concurrency, logger, metrics } = assembly;
  return assembleWorker(assembly, "encryptor", async ({ kms, keys, stores, storesOf, state, heartbeat, ...worker }) => {
    const deks = createEncryptDeks({
      keys,
      kms,
      store: (region) => storesOf(region).deks,
      state: (region) => storesOf(region).state,
      logger,
      metrics,
    });
    const { transit } = config;
    const transitKeys = transit && createTransitKeys({ state, kms: kms(transit.region ?? config.control), ...transit });
    const keyring = transitKeys && createTransitKeyring({ load: transitKeys.load });
    const parse = { maxPayloadBytes: config.limits.payloadBytes };
    const jobs = encryptJobs(keyring === undefined ? parse : { ...parse, transit: keyring });
    const consumers = await worker.openConsumers(jobs, config.queues.encrypt);
    const service = createEncryptor({
      config,
      consumers,
      deks,
      records: new Map([...stores].map(([region, { records }]) => [region, records])),
      heartbeat,
      logger,
      // Half of the slots stay for the other profiles.
      options: { maxWaitingForKey: Math.ceil(concurrency / 2), ...assembly.options },
    });
    return { service, consumers, release: () => keyring?.close() };
  });
}
