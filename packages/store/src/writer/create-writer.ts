import { BatchExecuteStatementCommand, type DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { type Logger, waitFor } from "@dekhand/runtime";
import type { CallOptions } from "../dynamodb/call-options.ts";
import { cancelled, request } from "../dynamodb/request.ts";
import { storeFailure } from "../dynamodb/store-failure.ts";
import { StoreError } from "../errors.ts";
import { createBatchWriter } from "./batch-writer.ts";
import type { ConditionalWriter, WriteMode } from "./conditional-write.ts";
import { createSingleWriter } from "./single-writer.ts";

export interface ConditionalWriterOptions {
  readonly client: DynamoDBClient;
  readonly logger: Pick<Logger, "info">;
  /** Default: the first write finds out. */
  readonly mode?: WriteMode;
}

export interface EndpointWriter extends ConditionalWriter {
  /** Finds out how to write now rather than with the first write. Throws StoreError when the endpoint cannot be reached. */
  probe(options?: CallOptions): Promise<WriteMode>;
}

/**
 * Writes conditionally to an endpoint, which is not contacted before the first
 * write. That one finds out how, and says so in the log: batches of PartiQL
 * statements where the endpoint has them, single requests where it answers
 * UnknownOperation. Where it cannot be reached for that, the writes fail as they
 * would have anyway, and the next ones try again.
 */
export function createConditionalWriter({ client, logger, mode }: ConditionalWriterOptions): EndpointWriter {
  let writer: ConditionalWriter | undefined;
  let deciding: Promise<ConditionalWriter> | undefined;

  const decide = async (): Promise<ConditionalWriter> => {
    try {
      const decided = mode ?? ((await speaksPartiQl(client)) ? "batch" : "single");
      logger.info({ writeMode: decided, probed: mode === undefined }, "conditional writes to DynamoDB");
      writer = decided === "batch" ? createBatchWriter(client) : createSingleWriter(client);
      return writer;
    } finally {
      deciding = undefined;
    }
  };

  /** Many may wait for one answer: giving up on it is each one's own affair. */
  const decided = async ({ signal }: CallOptions): Promise<ConditionalWriter> => {
    if (writer) return writer;
    deciding ??= decide();
    return waitFor(deciding, signal);
  };

  return {
    get mode() {
      return writer?.mode ?? mode;
    },
    async probe(options = {}) {
      const { mode: found } = await decided(options);
      if (found === undefined) throw new RangeError("a writer that has been decided on knows its mode");
      return found;
    },
    async write(writes, options = {}) {
      if (writes.length === 0) return [];
      try {
        return await (await decided(options)).write(writes, options);
      } catch (error) {
        const failure = options.signal?.aborted
          ? cancelled(options.signal)
          : storeFailure(error, "BatchExecuteStatement");
        return writes.map(() => ({ kind: "failed", error: failure }));
      }
    },
  };
}

/** Reads an item that is not there from a table that is not there: the refusal itself shows that PartiQL is known. */
const harmless = `SELECT "item" FROM "dekhand-probe" WHERE "id"='none'`;

async function speaksPartiQl(client: DynamoDBClient): Promise<boolean> {
  try {
    const input = { Statements: [{ Statement: harmless }] };
    await request("BatchExecuteStatement", {}, (http) => client.send(new BatchExecuteStatementCommand(input), http));
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
