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
/** A pipe may be silent for hours: what came through it does not wait longer than this for company. */
const batchWaitMs = 200;

/**
 * Submits mapped lines and tells what became of each; the input is read no
 * faster than the queue takes it. Where this ends early, a line may still be
 * awaited: the input is the caller's to close.
 */
export async function* submitInBatches(
  lines: AsyncIterable<MappedLine>,
  client: Pick<DekhandClient, "submitAll">,
  options: SubmitOptions,
): AsyncGenerator<LineOutcome> {
  const arriving = lines[Symbol.asyncIterator]();
  let batch: RecordLine[] = [];
  let bytes = 0;
  let dueAt = 0;
  const take = () => {
    const taken = batch;
    batch = [];
    bytes = 0;
    return taken;
  };

  let next = awaitLine(arriving);
  for (;;) {
    const arrived = batch.length === 0 ? await next : await within(dueAt - performance.now(), next);
    options.signal.throwIfAborted();
    if (arrived === undefined) {
      yield* submit(take(), client, options);
      continue;
    }
    if (arrived.done) break;
    const line = arrived.value;
    if (line.kind === "unusable") {
      yield { ok: false, line: line.line, reason: line.reason };
    } else {
      if (batch.length === 0) dueAt = performance.now() + batchWaitMs;
      batch.push(line);
      bytes += line.record.payload.length;
      if (batch.length >= batchRecords || bytes >= batchBytes) yield* submit(take(), client, options);
    }
    next = awaitLine(arriving);
  }
  if (batch.length > 0) yield* submit(batch, client, options);
}

type RecordLine = Extract<MappedLine, { kind: "record" }>;

/** The next line; where nobody takes it any more, its failure is nobody's either. */
function awaitLine(lines: AsyncIterator<MappedLine>): Promise<IteratorResult<MappedLine>> {
  const next = lines.next();
  next.catch(() => undefined);
  return next;
}

/** What `next` gives, or undefined once `ms` have passed without it. */
async function within<T>(ms: number, next: Promise<T>): Promise<T | undefined> {
  const { promise: late, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(resolve, Math.max(ms, 0), undefined);
  try {
    return await Promise.race([next, late]);
  } finally {
    clearTimeout(timer);
  }
}

async function* submit(
  batch: readonly RecordLine[],
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
