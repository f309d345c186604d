import { listenOnLoopback } from "@dekhand/testing";
import dynalite from "dynalite";

export { localClient } from "./local-client.ts";

/** A running endpoint without PartiQL, as `dekhand dev` has it. */
export async function startEmbeddedDynamoDb(): Promise<{ readonly endpoint: string } & AsyncDisposable> {
  const server = dynalite({ createTableMs: 0 });
  const { url, ...listening } = await listenOnLoopback(server);
  return { endpoint: url, ...listening };
}
