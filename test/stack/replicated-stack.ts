/** A stack of three Regions whose records have arrived in all of them. */

import type { EncryptJobInput } from "@dekhand/jobs";
import { eventually } from "@dekhand/testing";
import { expect } from "vitest";
import { ingest } from "./ingest.ts";
import { readerIn } from "./open-in-region.ts";
import { region as home, plainProfile, type Stack, startStack, tenantProfile } from "./start-stack.ts";

export { home };
/** By a copy under a related multi-Region key. */
export const related = "eu-west-1";
/** With a key of its own. */
export const apart = "ap-southeast-2";
export const replicas = [related, apart] as const;

export interface ReplicatedStack {
  readonly stack: Stack;
  readonly records: readonly EncryptJobInput[];
}

/** The replicator goes on; the encryptor is gone. */
export async function startReplicatedStack(count: number): Promise<ReplicatedStack> {
  const stack = await startStack({
    regions: [home, related, apart],
    replicas: { [related]: "multi-region", [apart]: "encrypt" },
  });
  const [{ encryptor }] = await Promise.all([
    stack.startEncryptor(),
    stack.startReplicator({ options: { everyMs: 100, minAgeMs: 100, holdMs: 300 } }),
  ]);
  const records = Array.from({ length: count }, (_, index) => ({
    recordId: `record-${index}`,
    ...(index % 2 === 0
      ? { profile: plainProfile, context: {} }
      : { profile: tenantProfile, context: { tenant: `tenant-${index % 10}` } }),
    payload: Buffer.from(`payload ${index}`),
  }));
  await ingest(stack, records);
  await encryptor.drain({ ms: 5_000 });
  await untilPaid(stack);
  return { stack, records };
}

/** Until no replica Region is owed anything. */
export async function untilPaid(stack: Stack): Promise<void> {
  await eventually(
    async () => {
      for (const region of replicas) expect((await stack.stores.state.debtStatus(region)).items).toBe(0);
    },
    { timeoutMs: 40_000, intervalMs: 100 },
  );
}

export async function requireOpens({ stack, records }: ReplicatedStack, region: string): Promise<void> {
  using reader = readerIn(stack, region);
  for (const { recordId, payload } of records) {
    expect((await reader.read(recordId)).equals(Buffer.from(payload))).toBe(true);
  }
}
