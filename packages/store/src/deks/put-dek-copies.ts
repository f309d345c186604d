import type { CopyTarget, ItemCopy } from "../copies/copied-kind.ts";
import { copyEach } from "../copies/copy-each.ts";
import { copyItems } from "../copies/copy-items.ts";
import type { CopyOutcome } from "../copies/copy-types.ts";
import type { CallOptions } from "../dynamodb/call-options.ts";
import { absent } from "../writer/conditional-write.ts";
import { addDeks, dekKind } from "./add-deks.ts";
import type { DekCopy } from "./dek-copy-types.ts";
import { dekAttributes, dekItemName, dekKey } from "./dek-items.ts";
import type { StoredDek } from "./dek-types.ts";

/** Answers in the order of the input. Does not throw. */
export async function putDekCopies(
  target: CopyTarget,
  copies: readonly DekCopy[],
  options: CallOptions,
): Promise<readonly CopyOutcome[]> {
  const prepare = ({ dek, replaces }: DekCopy) => ({ dek, key: dekKey(dek.dekId, dekItemName), replaces });
  return copyEach(copies, prepare, async (prepared) => {
    const additions = prepared.filter(({ replaces }) => replaces === undefined);
    const repairs = prepared.flatMap(({ dek, key, replaces }) => (replaces ? [toRepair(dek, key, replaces)] : []));
    const added = (await addDeks(target, additions, options)).values();
    const repaired = (await copyItems(target, dekKind, repairs, options)).values();
    return prepared.flatMap(({ replaces }) => (replaces ? repaired : added).next().value ?? []);
  });
}

/** Makes the whole item what the copy is. */
function toRepair(dek: StoredDek, key: ItemCopy["key"], replaces: StoredDek | "unreadable"): ItemCopy {
  const copy = { key, attributes: dekAttributes(dek) };
  if (replaces === "unreadable") return { ...copy, expected: replaces };
  return { ...copy, expected: { statusAt: absent, ...dekAttributes(replaces) }, mayBeSame: true };
}
