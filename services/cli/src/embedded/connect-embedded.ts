import type { CommandContext } from "../command-context.ts";
import { type Connection, connect } from "../connect.ts";
import { applyPlan } from "../init/apply-plan.ts";
import { planInit } from "../init/init-plan.ts";
import { trustedTransitKeys } from "../trusted-transit-keys.ts";
import { embeddedCredentials } from "./embedded-credentials.ts";
import type { Embedded } from "./start-embedded.ts";

export interface EmbeddedConnection extends AsyncDisposable {
  readonly connection: Connection;
  /** The deployment's own public transit key, in base64. */
  transitKey(): Promise<string | undefined>;
}

/** A connection to an embedded deployment, whose tables, queue and transit key are there when this resolves. */
export async function connectEmbedded(
  { config, redisUrl }: Pick<Embedded, "config" | "redisUrl">,
  context: CommandContext,
): Promise<EmbeddedConnection> {
  await using starting = new AsyncDisposableStack();
  const transitKey = async () => (await trustedTransitKeys(connection, context.signal))[0]?.publicKey;
  const connection: Connection = starting.use(
    connect(config, context, { credentials: embeddedCredentials, redisUrl, transitKey }),
  );
  await applyPlan(connection, await planInit(connection, context.signal), context.signal);
  const started = starting.move();
  return { connection, transitKey, [Symbol.asyncDispose]: () => started.disposeAsync() };
}
