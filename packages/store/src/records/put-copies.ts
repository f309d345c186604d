/**
 * Records that another Region has, put in the place of what was read here: parts
 * first, then the head that names them. A copy is neither newer nor older than
 * what it replaces; which of two is to stay, who asked for the copy has decided.
 */

import type { CopiedKind, CopyTarget } from "../copies/copied-kind.ts";
import { copyEach } from "../copies/copy-each.ts";
import { copyItems } from "../copies/copy-items.ts";
import type { CopyOutcome } from "../copies/copy-types.ts";
import type { CallOptions } from "../dynamodb/call-options.ts";
import { text } from "../items/write-values.ts";
import { requireCopyable } from "./check-record.ts";
import { prepareTarget, type TargetedRecord } from "./prepare-target.ts";
import type { RecordCopy } from "./record-copy-types.ts";
import { headAttributes, headItemName, readRecordHead, recordKey } from "./record-items.ts";

/** The envelope is not compared: its digest is. */
const headKind: CopiedKind = {
  attributes: headAttributes,
  judged: headAttributes.filter((name) => name !== "envelope"),
  read: readRecordHead,
};

/** Answers in the order of the input. Does not throw. */
export async function putCopies(
  target: CopyTarget,
  copies: readonly RecordCopy[],
  options: CallOptions,
): Promise<readonly CopyOutcome[]> {
  return copyEach(copies, prepare, async (prepared) => {
    const outcomes = [...(await prepareTarget(target, headKind, prepared, options))];
    const ready = prepared.filter((_, index) => outcomes[index] === undefined);
    const copied = (await copyItems(target, headKind, ready, options)).values();
    return prepared.flatMap((_, index) => outcomes[index] ?? copied.next().value ?? []);
  });
}

/** Throws StoreError. */
function prepare({ record, expected }: RecordCopy): TargetedRecord {
  const { attributes, parts } = requireCopyable(record);
  const condition = typeof expected === "string" ? expected : { sealId: text(expected.sealId) };
  const isOwnSeal = typeof expected !== "string" && expected.sealId === record.sealId;
  return { key: recordKey(record.recordId, headItemName), attributes, expected: condition, record, parts, isOwnSeal };
}
