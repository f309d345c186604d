import type { DekhandClient, SubmitOutcome } from "@dekhand/client";
import { QueueLost } from "../errors.ts";
import type { MappedLine } from "./line-to-record.ts";

interface Place {
  readonly line: number;
  readonly endsAt?: number | undefined;
}

export type LineOutcome =
  | (Place & { readonly ok: true; readonly jobId: string })
  | (Place & { readonly ok: false; readonly reason: string });

export interface SubmitOptions {
  readonly via: "sqs" | "bullmq";
  readonly signal: AbortSignal;
}

/** Enough for the producer to fill its own batches side by side, little enough to keep in memory. */
const batchLines = 200;
const batchBytes = 16 * 1024 * 1024;
/** A pipe may be silent for hours: what came through it does not wait longer than this for company. */
const batchWaitMs = 200;

/**
 * Submits mapped lines and tells what became of each, in their order; the input
 * is read no faster than the queue takes it. Throws QueueLost once the queue has
 * taken nothing of a whole batch. Where this ends early, a line may still be
 * awaited: the input is the caller's to close.
 */
export async function* submitInBatches(
  lines: AsyncIterable<MappedLine>,
  client: Pick<DekhandClient, "submitAll">,
  options: SubmitOptions,
): AsyncGenerator<LineOutcome> {
  const arriving = lines[Symbol.asyncIterator]();
  const submit = createSubmission(client, options);
  let batch: MappedLine[] = [];
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
      yield* submit(take());
      continue;
    }
    if (arrived.done) break;
    const line = arrived.value;
    if (batch.length === 0) dueAt = performance.now() + batchWaitMs;
    batch.push(line);
    if (line.kind === "record") bytes += line.record.payload.length;
    if (batch.length >= batchLines || bytes >= batchBytes) yield* submit(take());
    next = awaitLine(arriving);
  }
  if (batch.length > 0) yield* submit(batch);
}

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

/** Submits batch after batch, and remembers from which line on the queue did not take everything. */
function createSubmission(client: Pick<DekhandClient, "submitAll">, options: SubmitOptions) {
  let leftFrom: number | undefined;

  return async function* submit(batch: readonly MappedLine[]): AsyncGenerator<LineOutcome> {
    const records = batch.flatMap((line) => (line.kind === "record" ? [line.record] : []));
    const answers = (await client.submitAll(records, options)).values();
    const outcomes = batch.map((line) => ({ line, answer: line.kind === "record" ? answers.next().value : undefined }));
    // A record that breaks the contract says nothing of the queue; what may succeed later does.
    const [left] = outcomes.flatMap(({ line, answer }) =>
      answer && !answer.ok && answer.error.retryable ? [{ line: line.line, error: answer.error }] : [],
    );
    leftFrom = left && (leftFrom ?? left.line);
    if (left && !outcomes.some(({ answer }) => answer?.ok)) {
      // An abort fails whatever is on its way, too.
      options.signal.throwIfAborted();
      throw new QueueLost(leftFrom ?? left.line, left.error);
    }
    for (const { line, answer } of outcomes) yield outcomeOf(line, answer);
  };
}

function outcomeOf(mapped: MappedLine, answer: SubmitOutcome | undefined): LineOutcome {
  const { line, endsAt } = mapped;
  if (mapped.kind === "unusable") return { ok: false, line, endsAt, reason: mapped.reason };
  if (!answer) throw new RangeError("each record has an outcome");
  if (answer.ok) return { ok: true, line, endsAt, jobId: answer.jobId };
  return { ok: false, line, endsAt, reason: reasonOf(answer.error) };
}

/** Why a record was not submitted, in one line. */
export function reasonOf({ code, message }: { readonly code: string; readonly message: string }): string {
  return `${code}: ${message}`;
}
