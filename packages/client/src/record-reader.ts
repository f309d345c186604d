/**
 * Reads a record in the first Region that can open it.
 *
 * A Region that has no such record, or another one of that id, or one that it
 * cannot open, is passed over; so is one that cannot be asked, and it is asked
 * last for a while (region-memory.ts). What was passed over is told when no
 * Region opens the record.
 */

import type { EncryptionContext } from "@dekhand/envelope";
import { type Logger, type Metrics, rateLimited } from "@dekhand/runtime";
import { ClientError } from "./errors.ts";
import {
  type Attempt,
  type anyContext,
  type OpenedRecord,
  type ReaderRegion,
  readInRegion,
  type Wanted,
} from "./read-in-region.ts";
import type { RegionMemory, TurnVerdict } from "./region-memory.ts";
import type { ReadFrom, RegionOrder } from "./region-order.ts";

export interface ReadOptions {
  /** Ends the read at once, with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Default `any`. */
  readonly from?: ReadFrom | undefined;
}

export interface RecordReader {
  /**
   * Throws CLIENT_RECORD_NOT_FOUND, CLIENT_CONTEXT_MISMATCH (before any KMS call), CLIENT_REGION_UNKNOWN,
   * CLIENT_REGION_TIMEOUT, ENVELOPE_AUTHENTICATION_FAILED, DeksError, KmsError, StoreError.
   */
  read(recordId: string, expected: EncryptionContext | typeof anyContext, options?: ReadOptions): Promise<OpenedRecord>;
}

export interface RecordReaderDeps {
  readonly order: Pick<RegionOrder, "of">;
  /** Throws for a Region that no profile has. */
  readonly region: (name: string) => ReaderRegion;
  readonly memory: RegionMemory;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

export function createRecordReader(deps: RecordReaderDeps): RecordReader {
  const { order, region, memory, metrics } = deps;
  const warnings = rateLimited(deps.logger, { everyMs: 10_000 });
  const readings = metrics.counter("client_reads_total", "Records looked for in one Region, by what came of it", [
    "region",
    "outcome",
  ]);
  const fallbacks = metrics.counter(
    "client_fallbacks_total",
    "Records opened in another Region than the first of the read's order",
    ["from", "to"],
  );

  const count = (name: string, attempt: Attempt, recordId: string) => {
    readings.inc({ region: name, outcome: attempt.kind });
    if (attempt.kind !== "damaged") return;
    const { error } = attempt;
    const fields = { region: name, recordId, err: error };
    warnings.log("warn", `${name} ${error.code}`, fields, "a record cannot be opened in this Region");
  };

  const lookInto = async (name: string, wanted: Wanted, end: (verdict: TurnVerdict) => void): Promise<Attempt> => {
    let verdict: TurnVerdict = "nothing";
    try {
      const attempt = await readInRegion(region(name), wanted);
      verdict = attempt.kind === "bad" ? "failed" : "answered";
      count(name, attempt, wanted.recordId);
      return attempt;
    } finally {
      end(verdict);
    }
  };

  return {
    async read(recordId, expected, { signal, from = "any" } = {}) {
      const names = order.of(from);
      const [first] = names;
      const passed: Attempt[] = [];
      for (const turn of memory.turns(names)) {
        const attempt = await lookInto(turn.region, { recordId, expected, signal }, turn.end);
        if (attempt.kind !== "opened") {
          passed.push(attempt);
          continue;
        }
        if (first !== undefined && turn.region !== first) fallbacks.inc({ from: first, to: turn.region });
        return attempt.record;
      }
      throw whyNot(recordId, passed);
    },
  };
}

/**
 * What may pass by itself comes first: while a Region could not be asked, nobody knows what it has. Then what is nearest
 * to the record that was asked for.
 */
function whyNot(recordId: string, passed: readonly Attempt[]): Error {
  for (const kinds of [["bad", "busy"], ["damaged"], ["incomplete"]]) {
    const trouble = passed.find(({ kind }) => kinds.includes(kind));
    if (trouble && "error" in trouble) return trouble.error;
  }
  const context = { recordId };
  if (passed.some(({ kind }) => kind === "mismatch")) {
    const message = "the record has another context than the reader expects";
    return new ClientError("CLIENT_CONTEXT_MISMATCH", message, { context });
  }
  return new ClientError("CLIENT_RECORD_NOT_FOUND", "no such record", { context });
}
