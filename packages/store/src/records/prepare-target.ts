/**
 * What comes before a copy's head: looking whether there is anything to do, and
 * the parts. A copy that is to repair its own record is compared with all of it;
 * one in several parts is looked for first, so that the table gets no parts that
 * no head will name.
 */

import type { CopiedKind, CopyTarget, ItemCopy } from "../copies/copied-kind.ts";
import { judgeFound } from "../copies/copy-items.ts";
import type { CopyOutcome } from "../copies/copy-types.ts";
import { type Looked, look } from "../copies/look.ts";
import { sameAttributes } from "../copies/same-attributes.ts";
import { batchPut } from "../dynamodb/batch-put.ts";
import type { CallOptions } from "../dynamodb/call-options.ts";
import { forEachLimited } from "../dynamodb/for-each-limited.ts";
import { StoreError, type StoreErrorCode } from "../errors.ts";
import { absent } from "../writer/conditional-write.ts";
import { failedPut } from "./candidate.ts";
import { getRecord } from "./get-record.ts";
import { draftHead, partItems } from "./record-items.ts";
import type { StoredRecord } from "./record-types.ts";

/** Records that are read or whose parts are written at the same time; each holds one call of up to 4 MB. */
const maxAtOnce = 4;

export interface TargetedRecord extends ItemCopy {
  readonly record: StoredRecord;
  readonly parts: number;
  /** What is expected is the copy's own sealing. */
  readonly isOwnSeal: boolean;
}

/** An outcome for every copy that is not to be written, undefined for the others, in the order of the input. */
export async function prepareTarget(
  target: CopyTarget,
  kind: CopiedKind,
  copies: readonly TargetedRecord[],
  options: CallOptions,
): Promise<readonly (CopyOutcome | undefined)[]> {
  const outcomes: (CopyOutcome | undefined)[] = copies.map(() => undefined);
  const placed = copies.map((copy, index) => ({ ...copy, index }));
  const forEach = async (
    chosen: readonly Placed[],
    work: (copy: TargetedRecord) => Promise<CopyOutcome | undefined>,
  ): Promise<void> =>
    forEachLimited(chosen, maxAtOnce, async (copy) => {
      outcomes[copy.index] = await work(copy).catch((error: unknown) => failedPut(error, options));
    });

  const repairs = placed.filter(({ isOwnSeal }) => isOwnSeal);
  await forEach(repairs, (copy) => compare(target, kind, copy, options));

  const large = placed.filter(({ parts, isOwnSeal }) => parts > 0 && !isOwnSeal);
  for (const copy of await look(target, kind, large, options)) {
    if (!isExpected(copy)) outcomes[copy.index] = judgeFound(kind, copy);
  }

  const wanted = placed.filter(({ parts, index }) => parts > 0 && outcomes[index] === undefined);
  await forEach(wanted, async ({ record }) => {
    await batchPut(target.client, target.table, partItems(record), options);
    return undefined;
  });
  return outcomes;
}

type Placed = TargetedRecord & { readonly index: number };

/** Undefined where the stored record has the copy's seal id and is not what the copy is. */
async function compare(
  { client, table }: CopyTarget,
  kind: CopiedKind,
  { record, attributes }: TargetedRecord,
  options: CallOptions,
): Promise<CopyOutcome | undefined> {
  try {
    const stored = await getRecord({ client, table }, record.recordId, options);
    if (stored?.sealId !== record.sealId) return { kind: "conflict" };
    const { attributes: found } = draftHead(stored, stored.createdAt);
    return sameAttributes(kind.judged, found, attributes) ? { kind: "same" } : undefined;
  } catch (error) {
    if (error instanceof StoreError && repairable.has(error.code)) return undefined;
    throw error;
  }
}

const repairable: ReadonlySet<StoreErrorCode> = new Set<StoreErrorCode>([
  "STORE_RECORD_DAMAGED",
  "STORE_PART_MISSING",
  "STORE_ITEM_MALFORMED",
]);

function isExpected(copy: ItemCopy & Looked): boolean {
  if (copy.found === "unknown") return false;
  if (copy.expected === "absent") return copy.found === "nothing";
  if (copy.expected === "unreadable" || copy.found === "nothing") return copy.found === copy.expected;
  const { item } = copy;
  return Object.entries(copy.expected).every(([name, value]) =>
    value === absent ? item[name] === undefined : sameAttributes([name], item, { [name]: value }),
  );
}
