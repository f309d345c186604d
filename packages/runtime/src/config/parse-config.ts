/**
 * Checks a configuration against its schema and reports every fault at once.
 *
 * No message repeats a value that was found: a password may stand in the wrong
 * place.
 */
import type { z } from "zod";
import { ConfigError, type ConfigProblem } from "../errors.ts";

/**
 * The parsed and deeply frozen configuration. An empty string and a null mean "missing" everywhere.
 * `source` names the origin in messages: a file name, `environment`. Throws ConfigError.
 */
export function parseConfig<S extends z.ZodType>(
  schema: S,
  input: unknown,
  options: { readonly source: string },
): z.output<S> {
  const problems: ConfigProblem[] = [];
  const present = withoutEmpty(input, [], problems);
  const parsed = schema.safeParse(present, { error: expectation });
  if (!parsed.success) problems.push(...parsed.error.issues.flatMap((issue) => problemsOf(issue, present)));
  if (!parsed.success || problems.length > 0) throw new ConfigError(options.source, unique(problems));
  return deepFreeze(parsed.data);
}

type Path = readonly PropertyKey[];

function withoutEmpty(value: unknown, path: Path, problems: ConfigProblem[]): unknown {
  if (value === "" || value === null) return undefined;
  if (Array.isArray(value)) return value.map((item, index) => withoutEmpty(item, [...path, index], problems));
  if (typeof value !== "object") return value;
  const entries: [string, unknown][] = [];
  for (const [key, item] of Object.entries(value)) {
    const at = [...path, key];
    // The schema library skips this key silently, wherever a map is expected.
    if (key === "__proto__") problems.push({ path: pathText(at), expected: unknownSetting });
    const kept = withoutEmpty(item, at, problems);
    if (kept !== undefined) entries.push([key, kept]);
  }
  return Object.fromEntries(entries);
}

const unknownSetting = "nothing here: there is no such setting in this version";

function problemsOf(issue: z.core.$ZodIssue, input: unknown): ConfigProblem[] {
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({ path: pathText([...issue.path, key]), expected: unknownSetting }));
  }
  if (issue.code === "invalid_key") {
    const expected = issue.issues[0]?.message ?? issue.message;
    return [{ path: pathText(issue.path), expected: `as its name ${expected}` }];
  }
  const missing = issue.code !== "custom" && valueAt(input, issue.path) === undefined;
  return [{ path: pathText(issue.path), expected: issue.message, ...(missing ? { missing } : {}) }];
}

/** What to say where a schema says nothing itself. */
const expectation: z.core.$ZodErrorMap = (issue) => {
  switch (issue.code) {
    case "invalid_type":
      return typeNames[issue.expected] ?? `a value of type ${issue.expected}`;
    case "invalid_value":
      return `one of ${issue.values.map(String).join(", ")}`;
    case "too_small":
      return `at least ${issue.minimum}${amountOf(issue.origin)}`;
    case "too_big":
      return `at most ${issue.maximum}${amountOf(issue.origin)}`;
    default:
      return "a valid value";
  }
};

const typeNames: Readonly<Record<string, string>> = {
  object: "a map of settings",
  record: "a map of settings",
  array: "a list",
  string: "text",
};

function amountOf(origin: string): string {
  if (origin === "string") return " characters";
  return origin === "array" || origin === "record" || origin === "map" ? " entries" : "";
}

function valueAt(input: unknown, path: Path): unknown {
  let value = input;
  for (const key of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
    value = Reflect.get(value, key);
  }
  return value;
}

function pathText(path: Path): string {
  let text = "";
  for (const key of path) {
    if (typeof key === "number") text += `[${key}]`;
    else text += text === "" ? String(key) : `.${String(key)}`;
  }
  return text === "" ? "(whole document)" : text;
}

function unique(problems: readonly ConfigProblem[]): ConfigProblem[] {
  return [...new Map(problems.map((problem) => [`${problem.path}\n${problem.expected}`, problem])).values()];
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const key of Reflect.ownKeys(value)) deepFreeze(Reflect.get(value, key));
  return value;
}
