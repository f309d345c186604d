/**
 * Adds DEKs that another Region has. One that is there already keeps all but its
 * status, which goes forward only: whoever read an old one, and writes late,
 * changes nothing.
 */

import type { CopiedKind, CopyTarget } from "../copies/copied-kind.ts";
import type { CopyOutcome } from "../copies/copy-types.ts";
import { type Looked, look } from "../copies/look.ts";
import { sameAttributes } from "../copies/same-attributes.ts";
import type { CallOptions } from "../dynamodb/call-options.ts";
import { StoreError } from "../errors.ts";
import { type Attributes, absent, type ConditionalWrite, type Conditions } from "../writer/conditional-write.ts";
import { dekAttributes, dekItemAttributes, dekStatusAttributes, readDek } from "./dek-items.ts";
import { DEK_STATUSES, type StoredDek } from "./dek-types.ts";

export const dekKind: CopiedKind = { attributes: dekItemAttributes, judged: dekItemAttributes, read: readDek };

/** What makes a DEK that one and no other: all but its status. */
const identity = dekItemAttributes.filter((name) => name !== "status" && name !== "statusAt");

/** How often a DEK may change between reading and writing before it is given back as STORE_CONTENDED. */
const maxRounds = 8;

interface Addition {
  readonly index: number;
  readonly dek: StoredDek;
  readonly key: Attributes;
  /** What is there; undefined while nothing is known to be. */
  readonly stored?: StoredDek;
}

/** Answers in the order of the input. Does not throw. */
export async function addDeks(
  target: CopyTarget,
  additions: readonly Pick<Addition, "dek" | "key">[],
  options: CallOptions,
): Promise<readonly CopyOutcome[]> {
  const outcomes: CopyOutcome[] = [];
  let open: Addition[] = additions.map(({ dek, key }, index) => ({ index, dek, key }));
  for (let round = 1; open.length > 0; round += 1) {
    const writes = open.map((addition) => toWrite(target.table, addition));
    const results = await target.writer.write(writes, options);
    const beaten: Addition[] = [];
    for (const [position, addition] of open.entries()) {
      const result = results[position];
      if (result?.kind === "done") outcomes[addition.index] = { kind: "stored" };
      else if (result?.kind === "failed") outcomes[addition.index] = result;
      else beaten.push(addition);
    }
    open = [];
    for (const found of await look(target, dekKind, beaten, options)) {
      const next = judge(found);
      if (!("index" in next)) outcomes[found.index] = next;
      else if (round < maxRounds) open.push(next);
      else outcomes[found.index] = { kind: "failed", error: contended(found.dek) };
    }
  }
  return outcomes;
}

/** The outcome, or what to try next. */
function judge(addition: Addition & Looked): CopyOutcome | Addition {
  const { index, dek, key, found } = addition;
  if (found === "unknown") return { kind: "failed", error: addition.error };
  // It was there when the write came, or had another status: somebody has removed it.
  if (found === "nothing") return { index, dek, key };
  if (found === "unreadable" || !sameAttributes(identity, addition.item, dekAttributes(dek)))
    return { kind: "conflict" };
  const stored = readDek(addition.item);
  return isLater(dek, stored) ? { index, dek, key, stored } : { kind: "same" };
}

/** Whether the copy's status is one that the stored one is to become. No way leads back to `active`. */
function isLater(copy: StoredDek, stored: StoredDek): boolean {
  if (copy.status === "active" || stored.status === "active")
    return copy.status !== stored.status && copy.status !== "active";
  const [now, then] = [copy.statusAt ?? "", stored.statusAt ?? ""];
  if (now !== then) return now > then;
  return DEK_STATUSES.indexOf(copy.status) > DEK_STATUSES.indexOf(stored.status);
}

function toWrite(table: string, { dek, key, stored }: Addition): ConditionalWrite {
  if (!stored) return { kind: "insert", table, key, item: dekAttributes(dek) };
  const when: Conditions = { statusAt: absent, ...dekStatusAttributes(stored) };
  return { kind: "update", table, key, when, set: dekStatusAttributes(dek) };
}

function contended({ dekId }: StoredDek): StoreError {
  return new StoreError("STORE_CONTENDED", "the DEK's status kept changing while it was being copied", {
    retryable: true,
    context: { dekId },
  });
}
