import type { ContractSubject } from "../contract/index.ts";
import { createTables } from "../tables/create-tables.ts";
import { tableNames } from "../tables/table-definitions.ts";
import type { ConditionalWriter, WriteMode } from "../writer/conditional-write.ts";
import { createConditionalWriter } from "../writer/create-writer.ts";
import { startDynamoDbLocal } from "./dynamodb-local.ts";
import { localClient, startEmbeddedDynamoDb } from "./embedded-dynamodb.ts";

/** A running DynamoDB endpoint that hands out fresh tables. */
export interface Backend extends AsyncDisposable {
  readonly endpoint: string;
  /** New empty tables, and a writer of that mode. */
  subject(mode: WriteMode): Promise<ContractSubject>;
  /** The writer that the probe decides for, and the fields that it logged. */
  probe(): Promise<{ readonly writer: ConditionalWriter; readonly logged: readonly unknown[] }>;
}

/** Throws, with the reason as its message, where the endpoint cannot be had here. */
export async function startBackend(kind: "dynalite" | "dynamodb-local"): Promise<Backend> {
  const server = await (kind === "dynalite" ? startEmbeddedDynamoDb() : startLocal());
  const client = localClient(server.endpoint);
  let deployments = 0;
  return {
    endpoint: server.endpoint,
    async subject(mode) {
      deployments += 1;
      const tables = tableNames(`test${deployments}`);
      await createTables(client, tables, { pollMs: 10 });
      return { client, tables, writer: createConditionalWriter({ client, mode, logger: { info: () => {} } }) };
    },
    async probe() {
      const logged: unknown[] = [];
      const logger = { info: (fields: unknown) => void logged.push(fields) };
      const writer = createConditionalWriter({ client, logger });
      await writer.probe();
      return { writer, logged };
    },
    async [Symbol.asyncDispose]() {
      client.destroy();
      await server[Symbol.asyncDispose]();
    },
  };
}

async function startLocal() {
  const started = await startDynamoDbLocal();
  if (started.kind === "unavailable") throw new Error(started.reason);
  return started.server;
}
