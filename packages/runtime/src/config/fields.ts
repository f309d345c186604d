/**
 * The building blocks of configuration schemas. Each says by itself what it
 * expects, takes what YAML and environment variables give (numbers also as
 * digits), and yields one type.
 */
import { z } from "zod";
import { parseDecimal, parseDuration, parseSize } from "./units.ts";

export interface Range {
  readonly min: number;
  readonly max: number;
}

/** `min` and `max` belong to the range themselves, `above` and `below` do not. */
export type FractionRange = ({ readonly min: number } | { readonly above: number }) &
  ({ readonly max: number } | { readonly below: number });

export const fields = {
  /** Text that matches `pattern`; `expected` completes the sentence "expected …". */
  text(expected: string, pattern: RegExp) {
    return z.string({ error: expected }).regex(pattern, { error: expected });
  },

  wholeNumber({ min, max }: Range) {
    const expected = `a whole number from ${min} to ${max}`;
    return z.union([z.number(), z.string()], { error: expected }).transform((value, context) => {
      const number = typeof value === "number" ? value : /^-?\d{1,15}$/.test(value) ? Number(value) : Number.NaN;
      return within(number, { min, max }, expected, context);
    });
  },

  /** A part of something: `0.5`. */
  fraction(range: FractionRange) {
    const lower = "min" in range ? `at least ${range.min}` : `above ${range.above}`;
    const upper = "max" in range ? `at most ${range.max}` : `below ${range.below}`;
    const expected = `a number such as 0.5, ${lower} and ${upper}`;
    return z.union([z.number(), z.string()], { error: expected }).transform((value, context) => {
      const number = typeof value === "number" ? value : (parseDecimal(value) ?? Number.NaN);
      const lowEnough = "max" in range ? number <= range.max : number < range.below;
      const highEnough = "min" in range ? number >= range.min : number > range.above;
      if (lowEnough && highEnough) return number;
      context.addIssue({ code: "custom", message: expected });
      return z.NEVER;
    });
  },

  /** Milliseconds, written with a unit: `250ms`, `30s`, `5m`, `2h`, `1d`. */
  duration({ min, max }: Range) {
    const expected = `a duration with its unit, such as 250ms, 30s or 5m, from ${min} to ${max} ms`;
    return z.string({ error: expected }).transform((value, context) => {
      return within(parseDuration(value) ?? Number.NaN, { min, max }, expected, context);
    });
  },

  /** Bytes, written plain or with a unit: `1000000`, `64KiB`, `256MiB`. */
  size({ min, max }: Range) {
    const expected = `a size such as 1000000, 64KiB or 256MiB, from ${min} to ${max} bytes`;
    return z.union([z.number(), z.string()], { error: expected }).transform((value, context) => {
      const number = typeof value === "number" ? value : (parseSize(value) ?? Number.NaN);
      return within(number, { min, max }, expected, context);
    });
  },

  /** A URL with one of `protocols` (`https:`). */
  url(protocols: readonly string[], options: { readonly credentials: boolean }) {
    const expected = `a URL that starts with ${protocols.map((protocol) => `${protocol}//`).join(" or ")}${
      options.credentials ? "" : ", without user name and password"
    }`;
    return z
      .string({ error: expected })
      .refine((value) => isUrl(value, protocols, options.credentials), { error: expected });
  },

  choice<const T extends readonly [string, ...string[]]>(values: T) {
    return z.enum(values, { error: `one of ${values.join(", ")}` });
  },

  flag() {
    return z
      .union([z.boolean(), z.enum(["true", "false"])], { error: "true or false" })
      .transform((value) => value === true || value === "true");
  },
} as const;

function within(number: number, range: Range, expected: string, context: z.core.$RefinementCtx): number {
  if (Number.isSafeInteger(number) && number >= range.min && number <= range.max) return number;
  context.addIssue({ code: "custom", message: expected });
  return z.NEVER;
}

export function isUrl(value: string, protocols: readonly string[], credentials: boolean): boolean {
  if (!URL.canParse(value)) return false;
  const url = new URL(value);
  return (
    protocols.includes(url.protocol) &&
    url.hostname !== "" &&
    (credentials || (url.username === "" && url.password === ""))
  );
}
