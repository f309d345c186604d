/** A rewrapper from a deployment's configuration. Nothing is contacted before `start`. */

import type { JobConsumer, RewrapJob } from "@dekhand/jobs";
import type { QuotaStatus } from "@dekhand/kms";
import type { Service } from "@dekhand/runtime";
import type { RewrapperAssembly } from "./rewrapper-assembly.ts";
import { type WiredRewrapper, wireRewrapper } from "./wire.ts";

export interface AssembledRewrapper extends Service {
  /** The queue ends, once started: for progress and status. */
  consumers(): readonly JobConsumer<RewrapJob>[];
  /** Started, and the state table could be written lately. */
  ready(): boolean;
  /** How this process gets its part of the KMS quota; empty before the start. */
  quota(): readonly QuotaStatus[];
}

export function assembleRewrapper(assembly: RewrapperAssembly): AssembledRewrapper {
  let wired: WiredRewrapper | undefined;
  return {
    consumers: () => wired?.consumers ?? [],
    ready: () => wired?.ready() ?? false,
    quota: () => wired?.quota.status() ?? [],
    async start() {
      wired = await wireRewrapper(assembly);
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
