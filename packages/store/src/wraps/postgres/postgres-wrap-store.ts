/**
 * Wraps in a Postgres table that was there before, by statements of its owner.
 *
 * Owns paging (by id, so that a page costs the same at the end as at the start)
 * and what the outcomes mean; the owner's statements own the SQL. Postgres's
 * reads are consistent, as long as the pool leads to the primary.
 */

import type { CallOptions } from "../../dynamodb/call-options.ts";
import { forEachLimited } from "../../dynamodb/for-each-limited.ts";
import { asBuffer, encodeBlobText } from "../blob-encoding.ts";
import { requireScan, requireStoreName, segmentsWithin } from "../check-call.ts";
import { readPage } from "../found-wrap.ts";
import { failedSwap, outcomeOf } from "../swap-outcomes.ts";
import type { SwapOutcome, WrapStore, WrapSwap } from "../wrap-types.ts";
import { type OwnerStatement, readStatement, statementInvalid } from "./owner-statement.ts";
import { postgresFailure } from "./postgres-failure.ts";
import type { PostgresQuery, PostgresResult } from "./postgres-query.ts";
import { isWrapRow, type Row, type RowMapping, readRow, rowBlob, rowId } from "./postgres-rows.ts";

/** The columns that `scan` and `read` return: id, blob, and where there are any key_arn, material, context, campaign, wrapped_at. */
export interface PostgresStatements {
  /**
   * A page in the order of ids, from after the cursor. `$1` the cursor, which is the last id of the page before as
   * text, NULL at first; `$2` how many rows; and, where the table can be read in segments, `$3` the segment from 0 and
   * `$4` of how many. "SELECT id, blob FROM keys WHERE $1::bigint IS NULL OR id > $1::bigint ORDER BY id LIMIT $2".
   */
  readonly scan: string;
  /**
   * An UPDATE or MERGE of one row while the old blob is there. `$1` the id as text, `$2` the old blob, `$3` the new
   * one; and, where the table has columns for them, `$4` key ARN, `$5` material id or NULL, `$6` campaign, `$7` when
   * (ISO 8601). "UPDATE keys SET blob = $3 WHERE id = $1::bigint AND blob = $2".
   */
  readonly swap: string;
  /** The row of one id. `$1` the id as text. Without it a row is looked for by `scan`, which reads the whole table. */
  readonly read?: string;
}

export interface PostgresWrapStoreOptions extends RowMapping {
  readonly query: PostgresQuery;
  readonly name: string;
  /** The Region whose KMS the wraps belong to. */
  readonly region: string;
  readonly statements: PostgresStatements;
  /** How many swaps are under way at once; more than the pool has connections only wait. Default 8. */
  readonly swapsAtOnce?: number;
}

const scanParameters = ["cursor", "page size", "segment", "number of segments"] as const;
const swapParameters = ["id", "old blob", "new blob", "key ARN", "material", "campaign", "time"] as const;
const maxSegments = 1_000;

/** Throws STORE_STATEMENT_INVALID for a statement that leaves out what makes it safe, STORE_VALUE_INVALID for the name. */
export function createPostgresWrapStore(options: PostgresWrapStoreOptions): WrapStore {
  const { statements, region, swapsAtOnce = 8 } = options;
  const scan = readStatement("scan", statements.scan, scanParameters, ["cursor", "page size"]);
  const swap = readStatement("swap", statements.swap, swapParameters, ["id", "old blob", "new blob"]);
  const read = statements.read === undefined ? undefined : readStatement("read", statements.read, ["id"], ["id"]);
  const segmented = scan.uses("segment") && scan.uses("number of segments");
  if (!segmented && (scan.uses("segment") || scan.uses("number of segments"))) {
    throw statementInvalid("scan", "it uses one of $3 and $4, and segments need both");
  }
  const segmentLimit = segmented ? maxSegments : 1;

  const run = async (
    name: string,
    text: string,
    values: unknown[],
    { signal }: CallOptions,
  ): Promise<PostgresResult> => {
    signal?.throwIfAborted();
    try {
      return await options.query(text, values, signal);
    } catch (error) {
      signal?.throwIfAborted();
      throw postgresFailure(error, name);
    }
  };

  const rowOf = async (id: string, call: CallOptions): Promise<Row | undefined> => {
    const { rows } = read
      ? await run("read", read.text, read.bind([id]), call)
      : await run("scan", oneOf(scan), [...scan.bind([null, null, 0, 1]), id], call);
    const row = rows.find((found) => rowId(found, "read") === id);
    return row && isWrapRow(row) ? row : undefined;
  };

  const swapOne = async (wanted: WrapSwap, call: CallOptions): Promise<SwapOutcome> => {
    const { next } = wanted;
    const stored = (blob: Uint8Array) => (options.encoding === "base64" ? encodeBlobText(blob) : asBuffer(blob));
    const { keyArn, material = null, campaign, wrappedAt } = next;
    const values = [wanted.id, stored(wanted.oldBlob), stored(next.blob), keyArn, material, campaign, wrappedAt];
    const { command, rowCount } = await run("swap", swap.text, swap.bind(values), call);
    // A SELECT that calls a function returns a row whether it swapped or not.
    if (command !== "UPDATE" && command !== "MERGE") throw statementInvalid("swap", "it is no UPDATE or MERGE");
    if (rowCount > 1) throw statementInvalid("swap", "it changed more than one row");
    if (rowCount === 1) return { kind: "swapped" };
    const row = await rowOf(wanted.id, call);
    return outcomeOf(wanted, row && (rowBlob(row, options) ?? new Uint8Array()));
  };

  return {
    name: requireStoreName(options.name),
    region,
    labels: { keyArn: swap.uses("key ARN"), material: swap.uses("material"), campaign: swap.uses("campaign") },
    segments: (wanted) => segmentsWithin(wanted, segmentLimit),
    async scan(segment, scanning = {}) {
      const { cursor = null } = scanning;
      const pageSize = requireScan(segment, scanning, segmentLimit);
      const values = scan.bind([cursor, pageSize, segment.index, segment.of]);
      const { rows } = await run("scan", scan.text, values, scanning);
      const ids = rows.map((row) => rowId(row, "scan"));
      // A scan that goes round in circles would never end.
      if (new Set([cursor, ...ids]).size !== ids.length + 1) {
        throw statementInvalid("scan", "it returns an id twice: it must order by id and start after $1");
      }
      const page = readPage(
        rows.filter(isWrapRow),
        (row) => rowId(row, "scan"),
        (row) => readRow(row, rowId(row, "scan"), options),
      );
      const last = ids.at(-1);
      // A page that is not full need not be the last: the statement may have a smaller limit of its own.
      return last === undefined ? page : { ...page, cursor: last };
    },
    async read(id, call = {}) {
      const row = await rowOf(id, call);
      return row && readRow(row, id, options);
    },
    async swap(swaps, call = {}) {
      const outcomes: SwapOutcome[] = [];
      await forEachLimited([...swaps.entries()], swapsAtOnce, async ([index, wanted]) => {
        try {
          outcomes[index] = await swapOne(wanted, call);
        } catch (error) {
          outcomes[index] = failedSwap(error, call.signal, (cause) => postgresFailure(cause, "swap"));
        }
      });
      return outcomes;
    },
  };
}

/** The scan without cursor and limit, for one id alone. */
function oneOf(scan: OwnerStatement): string {
  return `SELECT * FROM (${scan.text}\n) AS wraps WHERE wraps.id::text = $${scan.count + 1}`;
}
