/** Reading with nothing but one Region's tables and KMS: what is left when all others are gone. */

import { createDecryptDeks, createKeyDirectory, type DecryptDeks } from "@dekhand/deks";
import { open } from "@dekhand/envelope";
import { createKmsGovernor, createKmsQuota } from "@dekhand/kms";
import { createLogger, createMetrics } from "@dekhand/runtime";
import type { Stack } from "./start-stack.ts";

export interface RegionReader extends Disposable {
  /** The payload. Throws where the Region does not have all that it takes. */
  read(recordId: string): Promise<Buffer>;
}

export function readerIn(stack: Pick<Stack, "config" | "clients" | "storesOf">, region: string): RegionReader {
  const { config, clients } = stack;
  const logger = createLogger({ service: "test", level: "silent" });
  const metrics = createMetrics({ service: "test" });
  const quota = createKmsQuota({ config: config.quota, prefix: config.prefix, metrics, logger });
  const kms = createKmsGovernor({ region, client: clients.region(region).kms, quota, metrics, logger });
  const kmsIn = (name: string) => {
    if (name === region) return kms;
    throw new Error(`KMS of ${name} was asked`);
  };
  const keys = createKeyDirectory({ profiles: config.profiles, kms: kmsIn, logger });
  const { records, deks: store } = stack.storesOf(region);
  const deks: DecryptDeks = createDecryptDeks({ region, keys, kms, store, metrics });
  return {
    async read(recordId) {
      const record = await records.get(recordId);
      if (!record) throw new Error(`${recordId} is not in ${region}`);
      using lease = await deks.acquire({ dekId: record.dekId, context: record.context });
      return open(lease.dek, record.envelope, record);
    },
    [Symbol.dispose]() {
      deks.close();
      quota.close();
    },
  };
}
