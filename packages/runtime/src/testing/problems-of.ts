import { ConfigError } from "../errors.ts";

/** What a configuration is told off for, one text a problem. */
export function problemsOf(act: () => unknown): readonly string[] {
  try {
    act();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map(({ path, expected, missing }) => `${path}: ${missing ? "missing, " : ""}${expected}`);
  }
  throw new Error("no ConfigError");
}
