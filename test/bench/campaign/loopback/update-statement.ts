/** The one PartiQL statement that a rewrap needs: `UPDATE "t" SET "a"=? REMOVE "b" WHERE "k"=? AND "c"=?`. */

import { notUnderstood } from "./refusal.ts";

export interface UpdateStatement {
  readonly table: string;
  /** Names, in the order of the parameters. */
  readonly set: readonly string[];
  readonly remove: readonly string[];
  /** Names, in the order of the parameters behind those of `set`. */
  readonly where: readonly string[];
}

const shape = /^UPDATE "([^"]+)"((?: SET "[^"]+"=\?)+)((?: REMOVE "[^"]+")*) WHERE ((?:"[^"]+"=\?(?: AND |$))+)$/;
const known = new Map<string, UpdateStatement>();

export function readUpdate(text: string): UpdateStatement {
  const read = known.get(text) ?? parse(text);
  known.set(text, read);
  return read;
}

function parse(text: string): UpdateStatement {
  const [, table, set, remove, where] = shape.exec(text) ?? [];
  if (table === undefined || set === undefined || where === undefined) throw notUnderstood("that statement");
  return { table, set: namesIn(set), remove: namesIn(remove ?? ""), where: namesIn(where) };
}

function namesIn(text: string): readonly string[] {
  return [...text.matchAll(/"([^"]+)"/g)].map(([, name = ""]) => name);
}
