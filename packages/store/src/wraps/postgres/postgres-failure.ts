/**
 * What Postgres's failures mean, by SQLSTATE (PostgreSQL documentation, appendix
 * A). Nothing is retried here: a swap that failed so is tried again by a later
 * sweep. Messages of Postgres quote values and are never repeated.
 */

import { StoreError, type StoreErrorCode } from "../../errors.ts";
import { sqlState } from "./postgres-query.ts";

/** The longest prefix decides. */
const meanings: Readonly<Record<string, readonly [StoreErrorCode, string]>> = {
  // Lost connections, shutting down, starting up.
  "08": ["STORE_UNAVAILABLE", "Postgres is not available"],
  "57P": ["STORE_UNAVAILABLE", "Postgres is not available"],
  // A failed serialisation, a deadlock, a lock or statement timeout: somebody else was in the way.
  "40": ["STORE_UNAVAILABLE", "Postgres gave the statement up"],
  "55P03": ["STORE_UNAVAILABLE", "Postgres gave the statement up"],
  "57014": ["STORE_UNAVAILABLE", "Postgres gave the statement up"],
  // Read-only: the pool has met a replica, as it does during a failover.
  "25006": ["STORE_UNAVAILABLE", "Postgres takes no writes"],
  "53": ["STORE_THROTTLED", "Postgres is out of connections, memory or disk"],
  "28": ["STORE_DENIED", "Postgres refused the credentials or the permission"],
  "42501": ["STORE_DENIED", "Postgres refused the credentials or the permission"],
  "42P01": ["STORE_TABLE_MISSING", "the table does not exist"],
  "3D": ["STORE_TABLE_MISSING", "the database does not exist"],
  "3F": ["STORE_TABLE_MISSING", "the schema does not exist"],
  // The server itself failed.
  "58": ["STORE_UNAVAILABLE", "Postgres is not available"],
  XX: ["STORE_UNAVAILABLE", "Postgres is not available"],
};

/** The StoreError for anything that a query threw. An aborted query is not told apart here: ask the signal first. */
export function postgresFailure(error: unknown, statement: string): StoreError {
  if (error instanceof StoreError) return error;
  const state = sqlState(error);
  const found = state === undefined ? meanings["08"] : meaningOf(state);
  const [code, message] = found ?? ["STORE_REQUEST_INVALID" as const, "Postgres refused the statement"];
  return new StoreError(code, message, {
    retryable: code !== "STORE_REQUEST_INVALID",
    context: { statement, ...(state === undefined ? {} : { reason: state }) },
    cause: error,
  });
}

function meaningOf(state: string) {
  return meanings[state] ?? meanings[state.slice(0, 3)] ?? meanings[state.slice(0, 2)];
}
