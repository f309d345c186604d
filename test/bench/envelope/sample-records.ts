/** What is sealed: records with contexts of their own, as jobs bring them, and the bytes they are bound to. */

import { randomBytes } from "node:crypto";
import { canonicalContext, type RecordBinding } from "@dekhand/envelope";

/** The same for every record of a benchmark: what a DEK is scoped by. */
export const tenant = "tenant-0042";

/** Bindings for records of `bytes` each: enough for variety, and few enough that their envelopes take at most 16 MiB. */
export function sampleBindings(bytes: number): readonly RecordBinding[] {
  const count = Math.min(256, Math.ceil((16 * 1024 * 1024) / bytes));
  return Array.from({ length: count }, (_, at) => ({
    recordId: `customer-${100_000 + at}-${randomBytes(4).toString("hex")}`,
    context: { tenant, purpose: "billing" },
    contentType: "application/json",
    revision: at,
    epoch: 1,
  }));
}

/** The additional authenticated data of an envelope, put together beforehand for the contestant that has only to use it. */
export function associatedDataOf(binding: RecordBinding): Buffer {
  const counts = Buffer.alloc(17);
  counts[0] = 1;
  counts.writeBigUInt64BE(BigInt(binding.revision ?? 0), 1);
  counts.writeBigUInt64BE(BigInt(binding.epoch), 9);
  const parts = [Buffer.from(binding.recordId), canonicalContext(binding.context), Buffer.from(binding.contentType)];
  return Buffer.concat([Buffer.from("dekhand/v1/record"), randomBytes(42), ...parts.flatMap(withLength), counts]);
}

function withLength(part: Buffer): readonly Buffer[] {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(part.length);
  return [length, part];
}
