import { once } from "node:events";
import dynalite from "dynalite";

export { localClient } from "./local-client.ts";

/** A running endpoint without PartiQL, as `dekhand dev` has it. */
export async function startEmbeddedDynamoDb(): Promise<{ readonly endpoint: string } & AsyncDisposable> {
  const server = dynalite({ createTableMs: 0 });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port was given");
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    async [Symbol.asyncDispose]() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
