/**
 * DynamoDB of one Region, by dynalite. Loaded and opened at the first call, or
 * by `open()` where tables are kept in a folder.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import { AwsFault, type AwsService, type JsonObject, type JsonValue } from "../service.ts";
import { isJsonObject } from "../state/stored-json.ts";
import {
  createDynaliteStore,
  DYNAMODB_OPERATIONS,
  type DynaliteOperation,
  type DynaliteStore,
  dynaliteOperation,
  isDynaliteFailure,
} from "./dynalite.ts";
import { hidePrototypeKeys, showPrototypeKeys } from "./prototype-keys.ts";

export interface DynamodbService extends AwsService {
  /** Opens the folder; rejects where another process has it open. */
  open(): Promise<void>;
  /** Waits for the calls in hand and closes the tables. */
  closed(): Promise<void>;
}

export interface DynamodbOptions {
  readonly region: string;
  readonly accountId: string;
  /** Folder of the tables; in memory when absent. */
  readonly path?: string;
}

export function createDynamodbService({ region, accountId, path }: DynamodbOptions): DynamodbService {
  const operations = new Map<string, DynaliteOperation>();
  const running = new Set<Promise<unknown>>();
  let opening: Promise<DynaliteStore> | undefined;

  async function openStore(): Promise<DynaliteStore> {
    const store = createDynaliteStore({ ...(path !== undefined && { path }), ...instantTables });
    store.tableDb.awsAccountId = accountId;
    store.tableDb.awsRegion = region;
    await store.db.open();
    return store;
  }

  /** Ends when dynalite has finished what CreateTable, UpdateTable and DeleteTable only begin. */
  async function untilSettled(TableName: JsonValue | undefined): Promise<void> {
    for (;;) {
      const { Table: table } = await run("DescribeTable", { TableName }).catch((): JsonObject => ({}));
      if (!isJsonObject(table) || table.TableStatus === "ACTIVE") return;
      await nextTurn();
    }
  }

  function keep(call: Promise<unknown>): void {
    running.add(call);
    const done = (): void => void running.delete(call);
    call.then(done, done);
  }

  async function run(name: string, input: Parameters<DynaliteOperation>[1]) {
    opening ??= openStore();
    const store = await opening;
    let operation = operations.get(name);
    if (!operation) {
      operation = dynaliteOperation(name);
      operations.set(name, operation);
    }
    try {
      return showPrototypeKeys(await operation(store, hidePrototypeKeys(input)));
    } catch (error) {
      if (isDynaliteFailure(error)) throw toFault(error);
      throw error;
    }
  }

  return {
    targetPrefix: "DynamoDB_20120810",
    operations: DYNAMODB_OPERATIONS,
    async handle(name, input) {
      const table = input.TableName;
      const call = run(name, input);
      keep(call);
      const answer = await call;
      // A table that is closed half made would stay so for ever.
      if (CHANGES_TABLES.has(name)) keep(untilSettled(table));
      return answer;
    },
    async open() {
      opening ??= openStore();
      await opening;
    },
    close() {
      // Nothing runs on its own; closed() does the waiting.
    },
    async closed() {
      while (running.size > 0) await Promise.allSettled(running);
      const store = await opening?.catch(() => undefined);
      await store?.db.close();
    },
  };
}

const CHANGES_TABLES: ReadonlySet<string> = new Set(["CreateTable", "DeleteTable", "UpdateTable"]);
const instantTables = { createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 };

function toFault({
  statusCode,
  body,
}: {
  statusCode: number;
  body: { __type: string; message?: string; Message?: string };
}) {
  const { __type: type, message, Message, ...fields } = body;
  return new AwsFault(type.slice(type.indexOf("#") + 1), message ?? Message ?? "", statusCode, fields);
}
