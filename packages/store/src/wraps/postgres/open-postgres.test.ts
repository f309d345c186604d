import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { swapOf } from "../../testing/wraps/sample-wraps.ts";
import { openPostgres } from "./open-postgres.ts";
import { createPostgresWrapStore } from "./postgres-wrap-store.ts";

const whole = { index: 0, of: 1 };

describe("a Postgres that is in trouble", () => {
  it.each([
    ["while connecting", 1],
    ["in a query", 2],
  ])("that does not answer holds nobody beyond the signal, %s", async (_, silentFrom) => {
    await using server = await startServer((socket, calls) => {
      if (calls < silentFrom) socket.write(greetings);
      else server.silent();
    });
    await using opened = await openStore(server.connectionString);
    const controller = new AbortController();
    const reason = new Error("stopped");
    const { signal } = controller;
    const scanning = opened.store.scan(whole, { signal });
    const swapping = opened.store.swap([swapOf({ id: "1", blob: Buffer.from("a") })], { signal });
    await server.silence;
    controller.abort(reason);
    await expect(scanning).rejects.toBe(reason);
    expect(await swapping).toMatchObject([{ kind: "failed", error: { code: "STORE_CANCELLED" } }]);
  });

  it("gets no statement behind one that was given up: that one's connection is given up with it", async () => {
    await using server = await startServer((socket, calls, connection) => {
      if (calls === 1) socket.write(greetings);
      else if (connection === 1) server.silent();
      else socket.destroy();
    });
    await using opened = await openStore(server.connectionString, { maxConnections: 1 });
    const controller = new AbortController();
    const stuck = opened.store.scan(whole, { signal: controller.signal });
    await server.silence;
    controller.abort(new Error("stopped"));
    await expect(stuck).rejects.toThrow("stopped");
    const next = opened.store.scan(whole, { signal: AbortSignal.timeout(20_000) });
    await expect(next).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
  });

  it("whose connection breaks in a query is unavailable, and the process lives on", async () => {
    await using server = await startServer((socket, calls) => {
      if (calls === 1) socket.write(greetings);
      else socket.destroy();
    });
    await using opened = await openStore(server.connectionString);
    await expect(opened.store.scan(whole)).rejects.toMatchObject({ code: "STORE_UNAVAILABLE", retryable: true });
  });

  it("that is not there is unavailable", async () => {
    const server = await startServer(() => {});
    await server[Symbol.asyncDispose]();
    await using opened = await openStore(server.connectionString);
    const failure = await opened.store.scan(whole).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "STORE_UNAVAILABLE", retryable: true });
    expect(JSON.stringify(failure)).not.toContain("canary");
  });
});

async function openStore(connectionString: string, limits: { readonly maxConnections?: number } = {}) {
  const logger = { warn: () => {} };
  const postgres = await openPostgres({ connectionString, connectTimeoutMs: 1_000, logger, ...limits });
  const statements = {
    scan: "SELECT $1::text, $2::int",
    swap: "UPDATE keys SET blob = $3 WHERE id = $1 AND blob = $2",
  };
  const store = createPostgresWrapStore({ query: postgres.query, name: "keys", region: "us-east-1", statements });
  return { store, [Symbol.asyncDispose]: () => postgres[Symbol.asyncDispose]() };
}

/** AuthenticationOk and ReadyForQuery (PostgreSQL documentation, "Message Formats"). */
const greetings = Buffer.from("5200000008000000005a0000000549", "hex");

/** Accepts connections and does with what it hears as told; `calls` counts what that connection has sent. */
async function startServer(answer: (socket: Socket, calls: number, connection: number) => void) {
  const sockets = new Set<Socket>();
  const { promise: silence, resolve: silent } = Promise.withResolvers<void>();
  const server = createServer((socket) => {
    let calls = 0;
    sockets.add(socket);
    const connection = sockets.size;
    socket.on("error", () => {});
    socket.on("data", () => {
      calls += 1;
      answer(socket, calls, connection);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port was given");
  return {
    connectionString: `postgres://user:canary@127.0.0.1:${address.port}/keys?sslmode=disable`,
    /** Resolves when a test has called `silent`. */
    silence,
    silent,
    async [Symbol.asyncDispose]() {
      const closed = once(server, "close");
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
