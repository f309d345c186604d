import { createClient, type DekhandClient } from "@dekhand/client";
import type { Connection } from "../connect.ts";
import { embeddedCredentials } from "../embedded/embedded-credentials.ts";

/** For each step of a read. There is no other Region to turn to: one that is slow on a busy machine is waited for. */
const regionTimeoutMs = 30_000;

/** A client that reads in this Region and in no other, and has unwrapped no DEK yet. */
export function openRegionClient(
  region: string,
  { config, logger, redisUrl }: Pick<Connection, "config" | "logger" | "redisUrl">,
): Pick<DekhandClient, "read"> & AsyncDisposable {
  const client = createClient({
    ...{ config, logger, credentials: embeddedCredentials, read: [region], regionTimeoutMs },
    ...(redisUrl === undefined ? {} : { redisUrl }),
  });
  return { read: client.read, [Symbol.asyncDispose]: () => client.close() };
}
