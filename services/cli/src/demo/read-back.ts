import type { DekhandClient } from "@dekhand/client";
import { describeError } from "@dekhand/errors";
import type { CommandContext } from "../command-context.ts";
import { startProgress } from "../terminal/progress.ts";
import { type LedgerEntry, sha256 } from "./input-ledger.ts";

export interface Comparison {
  readonly opened: number;
  readonly mismatched: number;
  /** Codes of failed reads, with how often each came. */
  readonly failures: Readonly<Record<string, number>>;
}

export interface TimedComparison extends Comparison {
  readonly ms: number;
}

const concurrency = 32;

/** Reads every record of the ledger as an application would, compares, and shows how far it is. */
export async function readAll(
  client: Pick<DekhandClient, "read">,
  ledger: readonly LedgerEntry[],
  { label, context }: { readonly label: string; readonly context: CommandContext },
): Promise<TimedComparison> {
  const { signal, stderr } = context;
  const since = performance.now();
  using progress = startProgress({ label, total: ledger.length, stream: stderr });
  const comparison = await readBack(client, ledger, { signal, onRead: () => progress.advance() });
  progress.finish();
  return { ...comparison, ms: performance.now() - since };
}

/** `onRead` hears of each record. */
async function readBack(
  client: Pick<DekhandClient, "read">,
  ledger: readonly LedgerEntry[],
  options: { readonly signal: AbortSignal; readonly onRead: () => void },
): Promise<Comparison> {
  const left = ledger.values();
  const failures: Record<string, number> = {};
  let opened = 0;
  let mismatched = 0;

  const readNext = async () => {
    for (const { recordId, context, sha256: expected } of left) {
      try {
        const { payload } = await client.read(recordId, context, { signal: options.signal });
        opened += 1;
        if (sha256(payload) !== expected) mismatched += 1;
        payload.fill(0);
      } catch (error) {
        options.signal.throwIfAborted();
        mismatched += 1;
        const { code } = describeError(error);
        failures[code] = (failures[code] ?? 0) + 1;
      }
      options.onRead();
    }
  };

  await Promise.all(Array.from({ length: concurrency }, readNext));
  return { opened, mismatched, failures };
}
