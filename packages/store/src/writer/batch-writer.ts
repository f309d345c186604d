/**
 * Conditional writes, 25 statements a call, each with an outcome of its own.
 *
 * Works in rounds: each sends at most one write per item, since DynamoDB refuses
 * a whole call that names an item twice, and what was throttled comes again in
 * the next round. HTTP 200 says nothing about the single statements.
 */

import {
  BatchExecuteStatementCommand,
  type BatchStatementError,
  type BatchStatementResponse,
  type DynamoDBClient,
} from "@aws-sdk/client-dynamodb";
import { isAbort } from "@dekhand/errors";
import type { CallOptions } from "../dynamodb/call-options.ts";
import { forEachLimited } from "../dynamodb/for-each-limited.ts";
import { createPacing, throttledFor } from "../dynamodb/pacing.ts";
import { cancelled, request } from "../dynamodb/request.ts";
import { statementFailure, storeFailure } from "../dynamodb/store-failure.ts";
import { StoreError } from "../errors.ts";
import { checkWrite, itemIdentity, writtenBytes } from "./check-write.ts";
import type { ConditionalWrite, ConditionalWriter, WriteResult } from "./conditional-write.ts";
import { toStatement } from "./partiql.ts";

const operation = "BatchExecuteStatement";
const maxStatementsPerCall = 25;
/** Far below the 16 MB of a request: base64 adds a third, and a call should not take seconds. */
const maxBytesPerCall = 4 * 1024 * 1024;
const maxCallsAtOnce = 4;

const retriedCodes = new Set([
  "ThrottlingError",
  "InternalServerError",
  "ProvisionedThroughputExceeded",
  "RequestLimitExceeded",
  "TransactionConflict",
]);

interface Pending {
  readonly index: number;
  readonly item: string;
  readonly write: ConditionalWrite;
  readonly bytes: number;
}

type Settle = (pending: Pending, result: WriteResult) => void;

export function createBatchWriter(client: DynamoDBClient): ConditionalWriter {
  return {
    mode: "batch",
    async write(writes, options = {}) {
      const results: WriteResult[] = [];
      const settle: Settle = ({ index }, result) => {
        results[index] = result;
      };
      const open: Pending[] = [];
      for (const [index, write] of writes.entries()) {
        const pending = { index, write, item: itemIdentity(write), bytes: writtenBytes(write) };
        const error = checkWrite(write, pending.bytes);
        if (error) settle(pending, { kind: "failed", error });
        else open.push(pending);
      }
      await writeInRounds(client, open, settle, options);
      return results;
    },
  };
}

async function writeInRounds(
  client: DynamoDBClient,
  writes: readonly Pending[],
  settle: Settle,
  options: CallOptions,
): Promise<void> {
  const { signal } = options;
  const pacing = createPacing(signal);
  let open = writes;
  while (open.length > 0) {
    const { calls, later } = planRound(open);
    const again: Pending[] = [];
    await forEachLimited(calls, maxCallsAtOnce, async (call) => {
      again.push(...(await send(client, call, settle, options)));
    });
    if (again.length > 0 && pacing.exhausted) {
      for (const pending of again.splice(0)) settle(pending, { kind: "failed", error: throttledFor(operation) });
    }
    open = [...again, ...later].sort((a, b) => a.index - b.index);
    if (again.length === 0) {
      pacing.progressed();
      continue;
    }
    try {
      await pacing.pause(operation);
    } catch (error) {
      const failure = signal?.aborted ? cancelled(signal) : storeFailure(error, operation);
      for (const pending of open) settle(pending, { kind: "failed", error: failure });
      return;
    }
  }
}

/** The calls of one round, and the writes that must wait for an earlier one to the same item. */
function planRound(open: readonly Pending[]): { calls: readonly Pending[][]; later: readonly Pending[] } {
  const calls: Pending[][] = [];
  const later: Pending[] = [];
  const taken = new Set<string>();
  let call: Pending[] = [];
  let bytes = 0;
  for (const pending of open) {
    if (taken.has(pending.item)) {
      later.push(pending);
      continue;
    }
    taken.add(pending.item);
    if (call.length === 0 || call.length === maxStatementsPerCall || bytes + pending.bytes > maxBytesPerCall) {
      call = [];
      calls.push(call);
      bytes = 0;
    }
    call.push(pending);
    bytes += pending.bytes;
  }
  return { calls, later };
}

/** Sends one call, settles what it decides, and returns what has to be sent again. */
async function send(
  client: DynamoDBClient,
  call: readonly Pending[],
  settle: Settle,
  options: CallOptions,
): Promise<readonly Pending[]> {
  let responses: readonly BatchStatementResponse[];
  try {
    const Statements = call.map(({ write }) => toStatement(write));
    const answer = await request(operation, options, (http) =>
      client.send(new BatchExecuteStatementCommand({ Statements }), http),
    );
    responses = answer.Responses ?? [];
  } catch (error) {
    // One statement can make the whole call invalid; alone it fails alone.
    if (call.length > 1 && isInvalid(error)) return sendOneByOne(client, call, settle, options);
    const failure = wasAborted(error, options) ? cancelled(options.signal) : storeFailure(error, operation);
    for (const pending of call) settle(pending, { kind: "failed", error: failure });
    return [];
  }
  return call.filter((pending, position) => {
    const response = responses[position];
    if (response?.Error && retriedCodes.has(response.Error.Code ?? "")) return true;
    settle(pending, response ? resultOf(response.Error) : { kind: "failed", error: unanswered() });
    return false;
  });
}

async function sendOneByOne(
  client: DynamoDBClient,
  call: readonly Pending[],
  settle: Settle,
  options: CallOptions,
): Promise<readonly Pending[]> {
  const again: Pending[] = [];
  for (const pending of call) again.push(...(await send(client, [pending], settle, options)));
  return again;
}

function resultOf(error: BatchStatementError | undefined): WriteResult {
  if (error === undefined) return { kind: "done" };
  if (error.Code === "ConditionalCheckFailed" || error.Code === "DuplicateItem") return { kind: "conflict" };
  return { kind: "failed", error: statementFailure(error.Code, operation) };
}

function isInvalid(error: unknown): boolean {
  return error instanceof StoreError && error.cause instanceof Error && error.cause.name === "ValidationException";
}

function wasAborted(error: unknown, options: CallOptions): options is { readonly signal: AbortSignal } {
  return options.signal?.aborted === true && isAbort(error, options.signal);
}

function unanswered(): StoreError {
  return new StoreError("STORE_UNAVAILABLE", "DynamoDB did not answer for one statement", { retryable: true });
}
