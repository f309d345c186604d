/**
 * dynalite, called in process. Its own server is not used: it cannot be closed
 * unless it listens on a port, and it ends the process on a broken request.
 * These modules are not its documented interface, hence the exact version in
 * package.json and the one place that knows them.
 */
import { createRequire } from "node:module";
import type { JsonObject } from "../service.ts";

/** What dynalite fails with where the client is at fault. */
export interface DynaliteFailure {
  readonly statusCode: number;
  readonly body: { readonly __type: string; readonly message?: string; readonly Message?: string };
}

export interface DynaliteStore {
  readonly tableDb: { awsAccountId: string; awsRegion: string };
  readonly db: { open(): Promise<void>; close(): Promise<void> };
}

export interface DynaliteOptions {
  /** The LevelDB folder; in memory when absent. */
  readonly path?: string;
  readonly createTableMs: number;
  readonly deleteTableMs: number;
  readonly updateTableMs: number;
}

export type DynaliteOperation = (store: DynaliteStore, input: JsonObject) => Promise<JsonObject>;

export const DYNAMODB_OPERATIONS = [
  "BatchGetItem",
  "BatchWriteItem",
  "CreateTable",
  "DeleteItem",
  "DeleteTable",
  "DescribeTable",
  "DescribeTimeToLive",
  "GetItem",
  "ListTables",
  "ListTagsOfResource",
  "PutItem",
  "Query",
  "Scan",
  "TagResource",
  "UntagResource",
  "UpdateItem",
  "UpdateTable",
] as const;

interface Validations {
  checkTypes(data: JsonObject, types: unknown): JsonObject;
  checkValidations(data: JsonObject, types: unknown, custom: unknown, store: DynaliteStore): void;
}
interface Validation {
  readonly types: unknown;
  readonly custom: unknown;
}
type Action = (store: DynaliteStore, data: JsonObject, done: (error: unknown, answer: JsonObject) => void) => void;

const require = createRequire(import.meta.url);

export function createDynaliteStore(options: DynaliteOptions): DynaliteStore {
  const db: { create(options: DynaliteOptions): DynaliteStore } = require("dynalite/db");
  return db.create(options);
}

/** Rejects with a {@link DynaliteFailure} where the client is at fault. */
export function dynaliteOperation(name: string): DynaliteOperation {
  const file = name.charAt(0).toLowerCase() + name.slice(1);
  const validations: Validations = require("dynalite/validations");
  const validation: Validation = require(`dynalite/validations/${file}`);
  const action: Action = require(`dynalite/actions/${file}`);
  return (store, input) =>
    new Promise((resolve, reject) => {
      const data = validations.checkTypes(input, validation.types);
      validations.checkValidations(data, validation.types, validation.custom, store);
      action(store, data, (error, answer) => {
        if (error) reject(error);
        else resolve(answer);
      });
    });
}

export function isDynaliteFailure(error: unknown): error is Error & DynaliteFailure {
  return error instanceof Error && "statusCode" in error && "body" in error;
}
