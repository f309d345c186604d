/**
 * The little that a wrap store wants of Postgres, made from a pool of `pg`.
 *
 * `pg` knows no signal: an aborted query gives up its connection, which ends the
 * wait at once; what the server has begun may still take effect.
 */

import { waitFor } from "@dekhand/runtime";

export interface PostgresResult {
  /** What the statement was: "SELECT", "UPDATE", "MERGE". */
  readonly command: string;
  /** Returned, or affected. */
  readonly rowCount: number;
  readonly rows: readonly Readonly<Record<string, unknown>>[];
}

/** Runs one statement with its parameters `$1`… Throws the signal's reason when that is aborted, the driver's error otherwise. */
export type PostgresQuery = (text: string, values: readonly unknown[], signal?: AbortSignal) => Promise<PostgresResult>;

/** What is wanted of `pg`'s Pool, in words of our own: who uses this package need not have the types of `pg`. */
export interface PostgresPool {
  connect(): Promise<PostgresConnection>;
}

export interface PostgresConnection {
  query(
    text: string,
    values: unknown[],
  ): Promise<{ readonly command: string; readonly rowCount: number | null; readonly rows: Record<string, unknown>[] }>;
  on(event: "error", listener: () => void): unknown;
  off(event: "error", listener: () => void): unknown;
  /** With `true` it is closed and not used again. */
  release(close?: boolean): void;
}

/** The pool stays its owner's: its limits, its `error` listener, its end. */
export function postgresQuery(pool: PostgresPool): PostgresQuery {
  return async (text, values, signal) => {
    const client = await connect(pool, signal);
    client.on("error", ignore);
    try {
      const running = client.query(text, [...values]);
      const { command, rowCount, rows } = await waitFor(running, signal);
      handBack(client);
      return { command, rowCount: rowCount ?? 0, rows };
    } catch (error) {
      // An error with an SQLSTATE is an answer; after any other the connection may be in the middle of something.
      if (sqlState(error) === undefined) client.release(true);
      else handBack(client);
      throw error;
    }
  };
}

function handBack(client: PostgresConnection): void {
  client.off("error", ignore);
  client.release();
}

/** A connection that breaks also fails its query, which is how we hear of it; unheard, the event would end the process. */
function ignore(): void {}

/** The SQLSTATE of an error that Postgres answered with; undefined where nothing was answered. */
export function sqlState(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error) || !("severity" in error)) return undefined;
  return typeof error.code === "string" && /^[0-9A-Z]{5}$/.test(error.code) ? error.code : undefined;
}

async function connect(pool: PostgresPool, signal: AbortSignal | undefined): Promise<PostgresConnection> {
  signal?.throwIfAborted();
  const connecting = pool.connect();
  try {
    return await waitFor(connecting, signal);
  } catch (error) {
    // A connection that comes after nobody waits for it any more goes back unused.
    void connecting.then(
      (late) => late.release(),
      () => undefined,
    );
    throw error;
  }
}
