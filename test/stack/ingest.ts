import type { EncryptJobInput } from "@dekhand/jobs";
import { eventually } from "@dekhand/testing";
import type { Stack } from "./start-stack.ts";

/** Submits records and waits until each is stored. An encryptor must be running. */
export async function ingest(
  stack: Stack,
  records: readonly EncryptJobInput[],
  options: { readonly via?: "sqs" | "bullmq"; readonly timeoutMs?: number } = {},
): Promise<void> {
  const outcomes = await stack.client.submitAll(records, { via: options.via ?? "sqs" });
  const failed = outcomes.find((outcome) => !outcome.ok);
  if (failed && !failed.ok) throw failed.error;
  await untilStored(
    stack,
    records.map(({ recordId }) => recordId),
    options.timeoutMs,
  );
}

export async function untilStored(stack: Stack, recordIds: readonly string[], timeoutMs = 40_000): Promise<void> {
  for (const recordId of recordIds) {
    await eventually(async () => (await stack.stores.records.get(recordId)) !== undefined, { timeoutMs });
  }
}
