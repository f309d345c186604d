import type { DekhandClient } from "@dekhand/client";
import type { CommandContext } from "../command-context.ts";
import type { MappedLine, RecordLine } from "../commands/line-to-record.ts";
import type { FailedLine } from "../commands/note-lines.ts";
import { reasonOf } from "../commands/submit-in-batches.ts";
import { startProgress } from "../terminal/progress.ts";
import { type LedgerEntry, ledgerEntry } from "./input-ledger.ts";

export interface DemoInput {
  /** That of all its records. */
  readonly profile: string;
  readonly lines: AsyncIterable<MappedLine>;
  /** Records, where their number is known beforehand. */
  readonly total?: number;
  /** Size of the file that they come from. */
  readonly totalBytes?: number | undefined;
}

export interface Submitted {
  readonly ledger: readonly LedgerEntry[];
  /** Lines that are no record, or one that no queue takes; in their order. */
  readonly unusable: readonly FailedLine[];
}

const batchLines = 250;
const batchBytes = 16 * 1024 * 1024;

/** Every tenth record goes through BullMQ, transit-sealed; the others through SQS, if they fit into a message of it. */
export async function submitAll(input: DemoInput, client: DekhandClient, context: CommandContext): Promise<Submitted> {
  const ledger: LedgerEntry[] = [];
  const unusable: FailedLine[] = [];
  const { total, totalBytes } = input;
  using progress = startProgress({ label: "submitting", total, totalBytes, stream: context.stderr });

  const send = async (via: "sqs" | "bullmq", lines: readonly RecordLine[]): Promise<void> => {
    const records = lines.map(({ record }) => record);
    const outcomes = await client.submitAll(records, { via, signal: context.signal });
    const tooLarge: RecordLine[] = [];
    for (const [index, line] of lines.entries()) {
      const outcome = outcomes[index];
      if (!outcome) throw new RangeError("each record has an outcome");
      if (outcome.ok) ledger.push(ledgerEntry(line.record));
      else if (outcome.error.code === "JOBS_MESSAGE_TOO_LARGE" && via === "sqs") tooLarge.push(line);
      // The queue's trouble, not the record's.
      else if (outcome.error.retryable) throw outcome.error;
      else unusable.push({ line: line.line, reason: reasonOf(outcome.error) });
    }
    if (tooLarge.length > 0) await send("bullmq", tooLarge);
  };

  let seen = 0;
  let batch: MappedLine[] = [];
  let bytes = 0;
  const flush = async () => {
    const sqs: RecordLine[] = [];
    const bullmq: RecordLine[] = [];
    for (const line of batch) {
      seen += 1;
      if (line.kind === "unusable") unusable.push({ line: line.line, reason: line.reason });
      else (seen % 10 === 0 ? bullmq : sqs).push(line);
    }
    await Promise.all([send("sqs", sqs), send("bullmq", bullmq)]);
    progress.advance(batch.length, batch.at(-1)?.endsAt);
    batch = [];
    bytes = 0;
  };

  for await (const line of input.lines) {
    batch.push(line);
    if (line.kind === "record") bytes += line.record.payload.length;
    if (batch.length >= batchLines || bytes >= batchBytes) await flush();
  }
  await flush();
  progress.finish();
  return { ledger, unusable: unusable.toSorted((a, b) => a.line - b.line) };
}
