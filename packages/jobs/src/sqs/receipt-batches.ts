/** Deletes and visibility changes, ten to a call, entry by entry. */

import {
  type BatchResultErrorEntry,
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  type SQSClient,
} from "@aws-sdk/client-sqs";
import { createEntryBatcher, type EntryAnswer, type EntryBatcher } from "../consumer/entry-batcher.ts";

export interface ReceiptBatches {
  readonly deletes: EntryBatcher<string>;
  readonly visibility: EntryBatcher<VisibilityChange>;
  hurry(): void;
}

export interface VisibilityChange {
  readonly receipt: string;
  /** 0 to 43,200. */
  readonly seconds: number;
}

const settings = {
  maxEntries: 10,
  maxDelayMs: 50,
  maxConcurrent: 16,
  backoff: { baseMs: 100, capMs: 5_000 },
};

export function createReceiptBatches(client: SQSClient, queueUrl: string, signal: AbortSignal): ReceiptBatches {
  const deletes = createEntryBatcher<string>({
    ...settings,
    signal,
    send: async (receipts, abortSignal) => {
      const entries = receipts.map((receipt, index) => ({ Id: String(index), ReceiptHandle: receipt }));
      const command = new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries: entries });
      return answers(receipts.length, await client.send(command, { abortSignal }));
    },
  });
  const visibility = createEntryBatcher<VisibilityChange>({
    ...settings,
    signal,
    send: async (changes, abortSignal) => {
      const entries = changes.map(({ receipt, seconds }, index) => ({
        Id: String(index),
        ReceiptHandle: receipt,
        VisibilityTimeout: seconds,
      }));
      const command = new ChangeMessageVisibilityBatchCommand({ QueueUrl: queueUrl, Entries: entries });
      return answers(changes.length, await client.send(command, { abortSignal }));
    },
  });
  return {
    deletes,
    visibility,
    hurry() {
      deletes.hurry();
      visibility.hurry();
    },
  };
}

export interface BatchResponse {
  readonly Successful?: readonly { readonly Id?: string | undefined }[] | undefined;
  readonly Failed?: readonly BatchResultErrorEntry[] | undefined;
}

/** One answer an entry, in order. An entry that is in neither list is not known to have succeeded. */
export function answers(count: number, response: BatchResponse): EntryAnswer[] {
  const result = Array.from({ length: count }, (): EntryAnswer => ({ ok: false, final: false, code: "NoAnswer" }));
  for (const { Id } of response.Successful ?? []) result[Number(Id)] = { ok: true };
  for (const { Id, Code, SenderFault } of response.Failed ?? []) {
    result[Number(Id)] = { ok: false, final: SenderFault === true, code: Code ?? "Unknown" };
  }
  return result;
}
