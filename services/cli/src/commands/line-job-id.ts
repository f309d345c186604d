import { createHash } from "node:crypto";
import { canonicalContext } from "@dekhand/envelope";
import type { EncryptJobInput } from "@dekhand/jobs";

/**
 * The record with a job id that follows from its content: the same line again is
 * the same job, and without effect. A line that differs in anything is another job.
 */
export function withContentId(record: EncryptJobInput): EncryptJobInput {
  const context = contextBytes(record);
  // The producer refuses the record, and says why.
  if (context === undefined) return record;
  const hash = createHash("sha256");
  const parts = [
    "dekhand ingest 1",
    record.profile,
    record.recordId,
    context,
    record.revision === undefined ? "" : String(record.revision),
    createHash("sha256").update(record.payload).digest(),
  ];
  for (const part of parts) {
    const bytes = Buffer.from(part);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    hash.update(length).update(bytes);
  }
  return { ...record, id: hash.digest("hex") };
}

function contextBytes({ context = {} }: EncryptJobInput): Buffer | undefined {
  try {
    return canonicalContext(context);
  } catch {
    return undefined;
  }
}
