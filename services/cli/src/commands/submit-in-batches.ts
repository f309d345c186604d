import type { DekhandClient } from "@dekhand/client";
import type { MappedLine } from "./line-to-record.ts";

export type LineOutcome =
  | { readonly ok: true; readonly line: number; readonly jobId: string }
  | { readonly ok: false; readonly line: number; readonly reason: string };

export interface SubmitOptions {
  readonly via: "sqs" | "bullmq";
  readonly signal: AbortSignal;
}

/** Enough for the producer to fill its own batches side by side, little enough to keep in memory. */
const batchRecords = 200;
const batchBytes = 16 * 1024 * 1024;

/** Submits mapped lines and tells what became of each; the input is read no faster than the queue takes it. */
export async function* submitInBatches(
  lines: AsyncIterable<MappedLine>,
  client: Pick<DekhandClient, "submitAll">,
  options: SubmitOptions,
): AsyncGenerator<LineOutcome> {
  let batch: Extract<MappedLine, { kind: "record" }>[] = [];
  let bytes = 0;

  for await (const each of lines) {
    options.signal.throwIfAborted();
    if (each.kind === "unusable") {
      yield { ok: false, line: each.line, reason: each.reason };
      continue;
    }
    batch.push(each);
    bytes += each.record.payload.length;
    if (batch.length < batchRecords && bytes < batchBytes) continue;
    yield* submit(batch, client, options);
    batch = [];
    bytes = 0;
  }
  if (batch.length > 0) yield* submit(batch, client, options);
}

async function* submit(
  batch: readonly Extract<MappedLine, { kind: "record" }>[],
  client: Pick<DekhandClient, "submitAll">,
  options: SubmitOptions,
): AsyncGenerator<LineOutcome> {
  const outcomes = await client.submitAll(
    batch.map(({ record }) => record),
    options,
  );
  for (const [index, outcome] of outcomes.entries()) {
    const line = batch[index]?.line ?? 0;
    yield outcome.ok
      ? { ok: true, line, jobId: outcome.jobId }
      : { ok: false, line, reason: `${outcome.error.code}: ${outcome.error.message}` };
  }
}
