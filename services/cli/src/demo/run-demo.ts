/**
 * The demo: records go in through both kinds of queue, come out encrypted, and
 * are read back and compared byte by byte. What it reports is counted by the
 * embedded AWS and by the comparison, not by what the services say of themselves.
 */

import type { DekhandClient } from "@dekhand/client";
import type { AssembledEncryptor } from "@dekhand/encryptor";
import type { EncryptJobInput } from "@dekhand/jobs";
import { sleep } from "@dekhand/runtime";
import type { CommandContext } from "../command-context.ts";
import type { Connection } from "../connect.ts";
import type { Embedded } from "../embedded/start-embedded.ts";
import { CliError } from "../errors.ts";
import { startProgress } from "../terminal/progress.ts";
import { type LedgerEntry, ledgerEntry } from "./input-ledger.ts";
import { type KmsCalls, kmsCallsOf } from "./kms-calls.ts";
import { readBack } from "./read-back.ts";

export interface DemoInput {
  readonly records: AsyncIterable<EncryptJobInput>;
  /** Where it is known beforehand. */
  readonly total?: number;
}

export interface DemoStage {
  readonly stage: "submit" | "encrypt" | "read";
  readonly ms: number;
  readonly perSecond: number;
}

export interface DemoResult {
  readonly records: number;
  readonly deks: number;
  readonly kmsCalls: KmsCalls;
  readonly stages: readonly DemoStage[];
  readonly rejected: number;
  readonly opened: number;
  readonly mismatched: number;
  /** Codes of failed reads, with how often each came. */
  readonly failures: Readonly<Record<string, number>>;
}

export interface DemoDeps {
  readonly embedded: Embedded;
  readonly connection: Connection;
  readonly encryptor: AssembledEncryptor;
  readonly context: CommandContext;
}

export async function runDemo(input: DemoInput, deps: DemoDeps): Promise<DemoResult> {
  const { embedded, connection, encryptor, context } = deps;
  const { config } = connection;
  const client = await connection.client();
  embedded.aws.control.resetCounts();

  const startedAt = performance.now();
  const ledger = await submitAll(input, client, context);
  const submitMs = performance.now() - startedAt;
  const rejected = await untilSettled(encryptor, ledger.length, context);
  const encryptMs = performance.now() - startedAt;

  const readingSince = performance.now();
  const comparison = await readAll(client, ledger, context);
  const readMs = performance.now() - readingSince;

  const stores = await connection.stores(config.control);
  const { deks } = await stores.deks.count({ signal: context.signal });
  const stage = (name: DemoStage["stage"], ms: number): DemoStage => ({
    stage: name,
    ms: Math.round(ms),
    perSecond: Math.round((ledger.length * 1000) / Math.max(ms, 1)),
  });
  return {
    records: ledger.length,
    deks: deks.reduce((sum, { count }) => sum + count, 0),
    kmsCalls: kmsCallsOf(embedded.aws),
    stages: [stage("submit", submitMs), stage("encrypt", encryptMs), stage("read", readMs)],
    rejected,
    ...comparison,
  };
}

async function readAll(client: DekhandClient, ledger: readonly LedgerEntry[], context: CommandContext) {
  using progress = startProgress({ label: "reading", total: ledger.length, stream: context.stderr });
  const comparison = await readBack(client, ledger, { signal: context.signal, onRead: () => progress.advance() });
  progress.finish();
  return comparison;
}

const batchRecords = 250;

/** Every tenth record goes through BullMQ, transit-sealed; the others through SQS. */
async function submitAll(
  { records, total }: DemoInput,
  client: DekhandClient,
  context: CommandContext,
): Promise<LedgerEntry[]> {
  const ledger: LedgerEntry[] = [];
  using progress = startProgress({
    label: "submitting",
    stream: context.stderr,
    ...(total === undefined ? {} : { total }),
  });
  let sqs: EncryptJobInput[] = [];
  let bullmq: EncryptJobInput[] = [];

  const flush = async () => {
    const outcomes = await Promise.all([
      client.submitAll(sqs, { via: "sqs", signal: context.signal }),
      client.submitAll(bullmq, { via: "bullmq", signal: context.signal }),
    ]);
    const failed = outcomes.flat().find((outcome) => !outcome.ok);
    if (failed && !failed.ok) throw failed.error;
    progress.advance(sqs.length + bullmq.length);
    sqs = [];
    bullmq = [];
  };

  for await (const record of records) {
    (ledger.length % 10 === 9 ? bullmq : sqs).push(record);
    ledger.push(ledgerEntry(record));
    if (sqs.length + bullmq.length >= batchRecords) await flush();
  }
  await flush();
  progress.finish();
  return ledger;
}

/** Without any job settled for so long, something is wrong. */
const stalledMs = 60_000;

/** Waits until every job is stored or rejected, and returns how many were rejected. */
async function untilSettled(encryptor: AssembledEncryptor, jobs: number, context: CommandContext): Promise<number> {
  using progress = startProgress({ label: "encrypting", total: jobs, stream: context.stderr });
  let settled = 0;
  let movedAt = performance.now();
  for (;;) {
    const stats = encryptor.consumers().map((consumer) => consumer.stats());
    const rejected = stats.reduce((sum, each) => sum + each.rejected, 0);
    const now = stats.reduce((sum, { done }) => sum + done, rejected);
    if (now > settled) {
      progress.advance(now - settled);
      settled = now;
      movedAt = performance.now();
    }
    if (settled >= jobs) {
      progress.finish();
      return rejected;
    }
    if (performance.now() - movedAt > stalledMs) {
      throw new CliError("CLI_DEMO_STALLED", "no job was settled for a minute", { context: { settled, jobs } });
    }
    await sleep(25, { signal: context.signal });
  }
}
