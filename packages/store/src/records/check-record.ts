import { ENVELOPE_OVERHEAD_BYTES, MAX_PLAINTEXT_BYTES } from "@dekhand/envelope";
import { StoreError } from "../errors.ts";
import { itemBytes } from "../items/item-bytes.ts";
import { isKeyText, MAX_RECORD_ID_BYTES } from "../items/keys.ts";
import { draftHead, type HeadDraft, MAX_HEAD_BYTES } from "./record-items.ts";
import type { PutOutcome, RecordWrite, StoredRecord } from "./record-types.ts";

const maxTextBytes = 2_048;

/** The head that a record gets, or why it cannot be stored. */
export function prepareHead(
  record: RecordWrite,
  createdAt: string,
): { readonly kind: "ready"; readonly draft: HeadDraft } | Extract<PutOutcome, { kind: "rejected" }> {
  if (!isStorable(record)) return { kind: "rejected", code: "STORE_VALUE_INVALID" };
  const draft = draftHead(record, createdAt);
  if (itemBytes(draft.attributes) > MAX_HEAD_BYTES) return { kind: "rejected", code: "STORE_ITEM_TOO_LARGE" };
  return { kind: "ready", draft };
}

/** The head of a record that is stored elsewhere, as it is there. Throws StoreError with the reason why it cannot be. */
export function requireCopyable(record: StoredRecord): HeadDraft {
  const { recordId, sealId } = record;
  const prepared = prepareHead(record, record.createdAt);
  if (prepared.kind === "rejected") {
    throw new StoreError(prepared.code, "the record cannot be stored as it is", { context: { recordId } });
  }
  const { digest } = prepared.draft.attributes;
  if (digest?.B && Buffer.from(digest.B).toString("hex") === record.digest) return prepared.draft;
  throw new StoreError("STORE_RECORD_DAMAGED", "the envelope is not the one that its head describes", {
    context: { recordId, sealId },
  });
}

function isStorable(record: RecordWrite): boolean {
  const { recordId, jobId, dekId, sealId, contentType, context, revision, epoch, size, envelope } = record;
  return (
    isKeyText(recordId, MAX_RECORD_ID_BYTES) &&
    isKeyText(jobId, maxTextBytes) &&
    isKeyText(dekId, maxTextBytes) &&
    isSealId(sealId) &&
    contentType.isWellFormed() &&
    Object.entries(context).every(([key, value]) => key.isWellFormed() && value.isWellFormed()) &&
    (revision === undefined || isCount(revision)) &&
    isCount(epoch) &&
    isCount(size) &&
    size <= MAX_PLAINTEXT_BYTES &&
    // The reader takes the envelope's length from the size: it must fit from the start.
    envelope.length === size + ENVELOPE_OVERHEAD_BYTES
  );
}

/** It becomes part of a sort key, so it has one spelling only. */
function isSealId(text: string): boolean {
  return /^[0-9a-f]{8,96}$/.test(text);
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
