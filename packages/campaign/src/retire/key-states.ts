import type { KeyDescription } from "@dekhand/kms";
import { type RetireRun, report } from "./retire-run.ts";
import type { RetireBlocker, RetireReport } from "./retire-types.ts";

/** The key waits for its deletion; the date is recorded where it was not known before. */
export async function pendingDeletion(run: RetireRun, soakMs: number): Promise<RetireReport> {
  const { key, record } = run;
  const { current } = record;
  const { deletionAt } = key;
  if (current !== undefined && deletionAt !== undefined && current.deletionAt !== deletionAt) {
    const { keyArn: _key, version: _version, notes: _notes, ...facts } = current;
    await record.save({ ...facts, deletionAt }, `KMS deletes the key at ${deletionAt}`);
  }
  return report(run, "deletion-pending", soakMs);
}

/** A state that no retirement has brought about: in it, KMS tells nothing of the key's wraps. */
export function stuckKey({ state }: KeyDescription): RetireBlocker {
  const mend = state.includes("Deletion") ? "cancel its deletion and enable it" : "enable it";
  const message = `the key is ${state}, and no retirement made it so: ${mend}, so that its wraps can be probed`;
  return { kind: "key-state", message };
}
