import { BatchExecuteStatementCommand, type DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { Logger } from "@dekhand/runtime";
import type { CallOptions } from "../dynamodb/call-options.ts";
import { request } from "../dynamodb/request.ts";
import { StoreError } from "../errors.ts";
import { createBatchWriter } from "./batch-writer.ts";
import type { ConditionalWriter } from "./conditional-write.ts";
import { createSingleWriter } from "./single-writer.ts";

export interface ConditionalWriterOptions extends CallOptions {
  readonly client: DynamoDBClient;
  readonly logger: Pick<Logger, "info">;
  /** Skips the probe. */
  readonly mode?: ConditionalWriter["mode"];
}

/**
 * Decides once how to write conditionally to this endpoint, and says so in the
 * log: batches of PartiQL statements where it has them, single requests where it
 * answers UnknownOperation. Throws StoreError when the endpoint cannot be
 * reached to find out.
 */
export async function createConditionalWriter(options: ConditionalWriterOptions): Promise<ConditionalWriter> {
  const { client, logger, signal } = options;
  const mode = options.mode ?? ((await speaksPartiQl(client, { signal })) ? "batch" : "single");
  logger.info({ writeMode: mode, probed: options.mode === undefined }, "conditional writes to DynamoDB");
  return mode === "batch" ? createBatchWriter(client) : createSingleWriter(client);
}

/** Reads an item that is not there from a table that is not there: the refusal itself shows that PartiQL is known. */
const harmless = `SELECT "item" FROM "dekhand-probe" WHERE "id"='none'`;

async function speaksPartiQl(client: DynamoDBClient, options: CallOptions): Promise<boolean> {
  try {
    const input = { Statements: [{ Statement: harmless }] };
    await request("BatchExecuteStatement", options, (http) =>
      client.send(new BatchExecuteStatementCommand(input), http),
    );
    return true;
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    if (error.cause instanceof Error && error.cause.name === "UnknownOperationException") return false;
    // A refusal that concerns the statement or the permission to read that table comes from an endpoint that knows PartiQL.
    if (error.code === "STORE_REQUEST_INVALID" || error.code === "STORE_TABLE_MISSING") return true;
    if (error.cause instanceof Error && error.cause.name === "AccessDeniedException") return true;
    throw error;
  }
}
