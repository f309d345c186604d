/**
 * Puts copies of items in the place of what was read there before, each by
 * itself. An item that is as the copy would make it is left alone, whoever made
 * it so; one that is neither that nor what was read is a conflict.
 */

import type { CallOptions } from "../dynamodb/call-options.ts";
import { type Attributes, absent, type ConditionalWrite, type Conditions } from "../writer/conditional-write.ts";
import type { CopiedKind, CopyTarget, ItemCopy } from "./copied-kind.ts";
import type { CopyOutcome } from "./copy-types.ts";
import { type Looked, look } from "./look.ts";
import { sameAttributes } from "./same-attributes.ts";

interface Placed extends ItemCopy {
  /** Its place in the input. */
  readonly index: number;
}

interface Plan extends Placed {
  /** Where the copy is to be written. */
  readonly when: "absent" | Conditions;
}

/** Answers in the order of the input. Does not throw. */
export async function copyItems(
  target: CopyTarget,
  kind: CopiedKind,
  copies: readonly ItemCopy[],
  options: CallOptions,
): Promise<readonly CopyOutcome[]> {
  const outcomes: CopyOutcome[] = [];
  const plans: Plan[] = [];
  const doubtful: Placed[] = [];
  for (const [index, copy] of copies.entries()) {
    if (copy.expected === "unreadable" || copy.mayBeSame) doubtful.push({ ...copy, index });
    else plans.push({ ...copy, index, when: copy.expected });
  }
  for (const copy of await look(target, kind, doubtful, options)) {
    const when = stillExpected(kind, copy);
    if (when) plans.push({ ...copy, when });
    else outcomes[copy.index] = judgeFound(kind, copy);
  }

  const open: Placed[] = [];
  const writes = plans.map((plan) => toWrite(target.table, kind, plan));
  for (const [position, result] of (await target.writer.write(writes, options)).entries()) {
    const plan = plans[position];
    if (!plan) continue;
    if (result.kind === "conflict") open.push(plan);
    else outcomes[plan.index] = result.kind === "done" ? { kind: "stored" } : result;
  }
  // A write whose answer was lost is sent again by the SDK and then meets itself.
  for (const copy of await look(target, kind, open, options)) outcomes[copy.index] = judgeFound(kind, copy);
  return outcomes;
}

/** What becomes of a copy that finds this in its place, and is not written. */
export function judgeFound(kind: CopiedKind, copy: ItemCopy & Looked): CopyOutcome {
  if (copy.found === "unknown") return { kind: "failed", error: copy.error };
  const isSame = copy.found === "readable" && sameAttributes(kind.judged, copy.item, copy.attributes);
  return { kind: isSame ? "same" : "conflict" };
}

/** The condition on which what was found is to be replaced; undefined where it is not. */
function stillExpected(kind: CopiedKind, copy: ItemCopy & Looked): Plan["when"] | undefined {
  if (copy.expected === "unreadable") return copy.found === "unreadable" ? asItWas(kind, copy.item) : undefined;
  return judgeFound(kind, copy).kind === "conflict" ? copy.expected : undefined;
}

function toWrite(table: string, kind: CopiedKind, { key, attributes, when }: Plan): ConditionalWrite {
  if (when === "absent") return { kind: "insert", table, key, item: attributes };
  const remove = kind.attributes.filter((name) => !Object.hasOwn(attributes, name));
  return { kind: "update", table, key, when: withoutMaps(when), set: attributes, remove };
}

/**
 * Not every endpoint compares maps (the embedded one never finds two equal). What is left is enough: who replaces an item
 * has read it before the copy's source, so that his copy is no older than any that an equal item came from.
 */
function withoutMaps(when: Conditions): Conditions {
  return Object.fromEntries(
    Object.entries(when).filter(([, value]) => value === absent || (value.M === undefined && value.L === undefined)),
  );
}

/** Equal in all that it is judged by: other attributes may be large, or have names that no condition can hold. */
function asItWas({ judged }: CopiedKind, item: Attributes): Conditions {
  return Object.fromEntries(judged.map((name) => [name, item[name] ?? absent]));
}
