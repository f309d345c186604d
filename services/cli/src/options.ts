import { InvalidArgumentError } from "commander";

/** A commander parser for numbers within bounds. */
export function number(limits: { readonly min?: number; readonly max?: number; readonly integer?: boolean }) {
  return (text: string): number => {
    const value = Number(text);
    const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY, integer = false } = limits;
    if (
      text.trim() === "" ||
      !Number.isFinite(value) ||
      value < min ||
      value > max ||
      (integer && !Number.isInteger(value))
    ) {
      const bounds = [Number.isFinite(min) ? `at least ${min}` : "", Number.isFinite(max) ? `at most ${max}` : ""];
      throw new InvalidArgumentError(
        `expected ${integer ? "a whole number" : "a number"} ${bounds.filter(Boolean).join(", ")}`,
      );
    }
    return value;
  };
}

/** A commander parser that gathers repeated `key=value` options. */
export function keyValue(
  text: string,
  before: Readonly<Record<string, string>> | undefined,
): Readonly<Record<string, string>> {
  const at = text.indexOf("=");
  if (at < 1) throw new InvalidArgumentError("expected key=value");
  return Object.fromEntries([...Object.entries(before ?? {}), [text.slice(0, at), text.slice(at + 1)]]);
}
