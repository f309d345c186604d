/**
 * A Postgres for tests: the real server's code, compiled to WebAssembly, behind
 * a socket that speaks its protocol. It runs inside this process, one statement
 * at a time whatever the number of connections, so a statement that waits makes
 * everybody wait.
 */

export interface EmbeddedPostgres extends AsyncDisposable {
  /** postgres://postgres@127.0.0.1:port/postgres?sslmode=disable */
  readonly connectionString: string;
}

/** An empty database in memory, on a free port. Takes about two seconds. */
export async function startEmbeddedPostgres(): Promise<EmbeddedPostgres> {
  // Loaded when it is wanted: it is large, and most tests of what stands on the store want no Postgres.
  const { PGlite } = await import("@electric-sql/pglite");
  const { PGLiteSocketServer } = await import("@electric-sql/pglite-socket");
  const db = await PGlite.create();
  const server = new PGLiteSocketServer({ db, host: "127.0.0.1", port: 0, maxConnections: 100 });
  await server.start();
  return {
    connectionString: `postgres://postgres@${server.getServerConn()}/postgres?sslmode=disable`,
    async [Symbol.asyncDispose]() {
      await server.stop();
      await db.close();
    },
  };
}
