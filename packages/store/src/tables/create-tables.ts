import { CreateTableCommand, type DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { deadlineIn, sleep } from "@dekhand/runtime";
import type { CallOptions } from "../dynamodb/call-options.ts";
import { request } from "../dynamodb/request.ts";
import { StoreError } from "../errors.ts";
import { planTable, planTables, type TablePlan } from "./plan-tables.ts";
import type { TableDefinition, TableNames } from "./table-definitions.ts";

export interface CreateTablesOptions extends CallOptions {
  /** For all tables together, in milliseconds. Default 120,000. */
  readonly deadlineMs?: number;
  /** Between two looks at a table that is not ready, in milliseconds. Default 500. */
  readonly pollMs?: number;
}

/**
 * Creates what is missing and returns the created tables' names once every
 * table is ACTIVE. Repeating it, or running it twice at once, is safe. Throws
 * STORE_TABLE_SCHEMA before anything is created when a table has other keys,
 * and STORE_TABLE_NOT_READY at the deadline.
 */
export async function createTables(
  client: DynamoDBClient,
  tables: TableNames,
  options: CreateTablesOptions = {},
): Promise<readonly string[]> {
  const { deadlineMs = 120_000, pollMs = 500, signal } = options;
  const plans = await planTables(client, tables, { signal });
  for (const plan of plans) requireSuitable(plan);
  using deadline = deadlineIn(deadlineMs, signal);
  const created: string[] = [];
  for (const { kind, table } of plans) {
    if (kind === "missing" && (await create(client, table, { signal: deadline.signal }))) created.push(table.name);
  }
  try {
    await Promise.all(plans.map(({ table }) => untilReady(client, table, pollMs, deadline.signal)));
  } catch (error) {
    signal?.throwIfAborted();
    if (!deadline.signal.aborted) throw error;
    throw new StoreError("STORE_TABLE_NOT_READY", `not every table was ready within ${deadlineMs} ms`, {
      retryable: true,
      cause: error,
    });
  }
  return created;
}

/** False when somebody else created it in the meantime. */
async function create(client: DynamoDBClient, table: TableDefinition, options: CallOptions): Promise<boolean> {
  const command = new CreateTableCommand({
    TableName: table.name,
    BillingMode: "PAY_PER_REQUEST",
    AttributeDefinitions: [
      { AttributeName: table.partition, AttributeType: "S" },
      { AttributeName: table.sort, AttributeType: "S" },
    ],
    KeySchema: [
      { AttributeName: table.partition, KeyType: "HASH" },
      { AttributeName: table.sort, KeyType: "RANGE" },
    ],
  });
  try {
    await request("CreateTable", options, (http) => client.send(command, http));
    return true;
  } catch (error) {
    const cause = error instanceof StoreError ? error.cause : undefined;
    if (cause instanceof Error && cause.name === "ResourceInUseException") return false;
    throw error;
  }
}

async function untilReady(
  client: DynamoDBClient,
  table: TableDefinition,
  pollMs: number,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    const plan = await planTable(client, table, { signal });
    requireSuitable(plan);
    if (plan.kind === "ready") return;
    await sleep(pollMs, { signal });
  }
}

function requireSuitable(plan: TablePlan): void {
  if (plan.kind !== "unsuitable") return;
  const { name, partition, sort } = plan.table;
  throw new StoreError(
    "STORE_TABLE_SCHEMA",
    `table ${name} has the keys ${plan.found}; Dekhand's has ${partition} (S), ${sort} (S)`,
    { context: { table: name } },
  );
}
