/** An encryptor from a deployment's configuration. Nothing is contacted before `start`. */

import type { EncryptJob, JobConsumer } from "@dekhand/jobs";
import type { QuotaStatus } from "@dekhand/kms";
import type { Service } from "@dekhand/runtime";
import type { EncryptorAssembly } from "./encryptor-assembly.ts";
import { type WiredEncryptor, wireEncryptor } from "./wire.ts";

export interface AssembledEncryptor extends Service {
  /** The queue ends, once started: for progress and status. */
  consumers(): readonly JobConsumer<EncryptJob>[];
  /** Started, and the state table could be written lately. */
  ready(): boolean;
  /** How this process gets its part of the KMS quota; empty before the start. */
  quota(): readonly QuotaStatus[];
}

export function assembleEncryptor(assembly: EncryptorAssembly): AssembledEncryptor {
  let wired: WiredEncryptor | undefined;
  return {
    consumers: () => wired?.consumers ?? [],
    ready: () => wired?.ready() ?? false,
    quota: () => wired?.quota.status() ?? [],
    async start() {
      wired = await wireEncryptor(assembly);
      try {
        await wired.service.start();
      } catch (error) {
        await wired.service.drain({ ms: 0 });
        wired.release();
        throw error;
      }
    },
    async drain(deadline) {
      await wired?.service.drain(deadline);
      wired?.release();
    },
  };
}
