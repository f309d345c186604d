import { describeError } from "@dekhand/errors";
import type { Logger } from "@dekhand/runtime";
import { type PostgresQuery, postgresQuery } from "./postgres-query.ts";

export interface OpenPostgresOptions {
  /** "postgres://user:password@host:5432/database?sslmode=verify-full". It holds a password: never log it. */
  readonly connectionString: string;
  /** Default 8. */
  readonly maxConnections?: number;
  /** For making a connection, in milliseconds. Default 10,000. */
  readonly connectTimeoutMs?: number;
  /** For one statement, kept by the server, in milliseconds. Default 60,000. */
  readonly statementTimeoutMs?: number;
  readonly logger: Pick<Logger, "warn">;
}

/** A pool of connections; disposing it waits until they are closed. */
export interface OpenPostgres extends AsyncDisposable {
  readonly query: PostgresQuery;
}

/** Connects when the first statement is run, so it does not fail where the server is away. */
export async function openPostgres(options: OpenPostgresOptions): Promise<OpenPostgres> {
  const { connectionString, maxConnections = 8, logger } = options;
  // Only deployments with a Postgres load its driver.
  const { Pool } = await import("pg");
  const pool = new Pool({
    connectionString,
    max: maxConnections,
    connectionTimeoutMillis: options.connectTimeoutMs ?? 10_000,
    statement_timeout: options.statementTimeoutMs ?? 60_000,
    application_name: "dekhand",
  });
  // An idle connection that breaks is replaced by the pool; without a listener it would end the process.
  pool.on("error", (error) => logger.warn({ error: describeError(error) }, "an idle connection to Postgres broke"));
  return { query: postgresQuery(pool), [Symbol.asyncDispose]: () => pool.end() };
}
