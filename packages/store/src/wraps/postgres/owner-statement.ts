/**
 * A statement that a store's owner wrote, with the parameters that we give.
 *
 * Postgres wants to know the type of every parameter up to the highest one, so a
 * statement that leaves some out cannot be given them all: those that it uses
 * are numbered anew, and only they are sent.
 */

import { StoreError } from "../../errors.ts";

export interface OwnerStatement {
  /** With the parameters numbered anew, without a semicolon at its end. */
  readonly text: string;
  /** How many parameters are left. */
  readonly count: number;
  uses(parameter: string): boolean;
  /** The values to send, of one for each of the parameters. */
  bind(values: readonly unknown[]): unknown[];
}

/** What may contain `$1` without meaning it (text, a quoted name, a comment, dollar-quoted text), or the parameter itself. */
const token = /'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\/|\$([A-Za-z_]\w*|)\$[\s\S]*?\$\1\$|\$(\d+)/g;

/**
 * `parameters` names what `$1`, `$2`… stand for. Throws STORE_STATEMENT_INVALID
 * for a statement that uses others, or not those that it must use.
 */
export function readStatement<const P extends readonly string[]>(
  name: string,
  sql: string,
  parameters: P,
  required: readonly P[number][],
): OwnerStatement {
  const used: number[] = [];
  const text = sql.replace(token, (whole: string, _tag: string | undefined, digits: string | undefined) => {
    if (digits === undefined) return whole;
    const number = Number(digits);
    if (!used.includes(number)) used.push(number);
    return `$${used.indexOf(number) + 1}`;
  });
  const uses = (parameter: string) => used.includes(parameters.indexOf(parameter) + 1);
  const unknown = used.find((number) => number < 1 || number > parameters.length);
  if (unknown !== undefined) {
    throw statementInvalid(name, `it uses $${unknown}, and has $1 to $${parameters.length}: ${parameters.join(", ")}`);
  }
  const missing = required.find((parameter) => !uses(parameter));
  if (missing !== undefined) {
    throw statementInvalid(name, `it does not use $${parameters.indexOf(missing) + 1}, the ${missing}`);
  }
  return {
    text: text.replace(/[;\s]+$/, ""),
    count: used.length,
    uses,
    bind: (values) => used.map((number) => values[number - 1]),
  };
}

export function statementInvalid(statement: string, message: string): StoreError {
  return new StoreError("STORE_STATEMENT_INVALID", `the ${statement} statement: ${message}`, {
    context: { statement },
  });
}
