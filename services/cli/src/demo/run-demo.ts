/**
 * The demo: records go in through both kinds of queue, come out encrypted, and
 * are read back and compared byte by byte. What it reports is counted by the
 * embedded AWS and by the comparison, not by what the services say of themselves.
 */

import type { DekhandClient } from "@dekhand/client";
import type { AssembledEncryptor } from "@dekhand/encryptor";
import type { CommandContext } from "../command-context.ts";
import type { FailedLine } from "../commands/note-lines.ts";
import type { Connection } from "../connect.ts";
import type { Embedded } from "../embedded/start-embedded.ts";
import { startProgress } from "../terminal/progress.ts";
import type { LedgerEntry } from "./input-ledger.ts";
import { type KmsCalls, kmsCallsOf } from "./kms-calls.ts";
import { readBack } from "./read-back.ts";
import { type DemoInput, submitAll } from "./submit-all.ts";
import { untilSettled } from "./until-settled.ts";

export interface DemoStage {
  readonly stage: "submit" | "encrypt" | "read";
  readonly ms: number;
  readonly perSecond: number;
}

export interface DemoResult {
  /** Those that were submitted. */
  readonly records: number;
  /** Lines of the input that could not be. */
  readonly unusable: readonly FailedLine[];
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

/** Whether every record of the input came back equal. */
export function cameBackEqual({ records, unusable, opened, mismatched }: DemoResult): boolean {
  return unusable.length === 0 && mismatched === 0 && opened === records;
}

export async function runDemo(input: DemoInput, deps: DemoDeps): Promise<DemoResult> {
  const { embedded, connection, encryptor, context } = deps;
  const { config } = connection;
  const client = await connection.client();
  embedded.aws.control.resetCounts();

  const startedAt = performance.now();
  const { ledger, unusable } = await submitAll(input, client, context);
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
    unusable,
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
