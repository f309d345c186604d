import type { CopiedKind, CopyTarget, ItemCopy } from "../copies/copied-kind.ts";
import { copyEach } from "../copies/copy-each.ts";
import { copyItems } from "../copies/copy-items.ts";
import type { CopyOutcome } from "../copies/copy-types.ts";
import type { CallOptions } from "../dynamodb/call-options.ts";
import { bytes } from "../items/write-values.ts";
import type { WrapCopy } from "./dek-copy-types.ts";
import { dekKey, readWrap, wrapAttributes, wrapItemAttributes, wrapItemName } from "./dek-items.ts";

const wrapKind: CopiedKind = { attributes: wrapItemAttributes, judged: wrapItemAttributes, read: readWrap };

/** Answers in the order of the input. Does not throw. */
export async function putWrapCopies(
  target: CopyTarget,
  copies: readonly WrapCopy[],
  options: CallOptions,
): Promise<readonly CopyOutcome[]> {
  return copyEach(copies, toItemCopy, (prepared) => copyItems(target, wrapKind, prepared, options));
}

function toItemCopy({ wrap, expected }: WrapCopy): ItemCopy {
  const copy = { key: dekKey(wrap.dekId, wrapItemName(wrap.region)), attributes: wrapAttributes(wrap) };
  if (typeof expected === "string") return { ...copy, expected };
  const mayBeSame = Buffer.compare(expected.blob, wrap.blob) === 0;
  return { ...copy, expected: { blob: bytes(expected.blob) }, mayBeSame };
}
