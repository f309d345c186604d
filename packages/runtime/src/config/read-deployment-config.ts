import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { LineCounter, parseDocument, type YAMLError } from "yaml";
import { ConfigError, type ConfigProblem, RuntimeError } from "../errors.ts";
import type { DeploymentConfig } from "./deployment-config.ts";
import { deploymentSchema } from "./deployment-schema.ts";
import { BASE_VARIABLES } from "./environment.ts";
import { lookup } from "./lookup.ts";
import { parseConfig } from "./parse-config.ts";

/** What a process says otherwise than the file. */
export interface ConfigOverrides {
  /** DEKHAND_CONTROL: the control Region of this process; one of the deployment's. */
  readonly control?: string | undefined;
}

/**
 * The deployment that `file` (YAML 1.2 or JSON) describes; the modules that it names are looked for beside it. Throws
 * RUNTIME_CONFIG_UNREADABLE, ConfigError.
 */
export function readDeploymentConfig(file: string, overrides: ConfigOverrides = {}): DeploymentConfig {
  const written = parseYaml(readText(file), file);
  return withModulesIn(dirname(file), withOverrides(written, file, overrides));
}

/** As `readDeploymentConfig`, from text; `source` names it in messages. Throws ConfigError. */
export function parseDeploymentConfig(yamlText: string, source: string): DeploymentConfig {
  return toDeploymentConfig(parseYaml(yamlText, source), source);
}

/** Checks a deployment that is already an object, as the file would hold it. Throws ConfigError. */
export function toDeploymentConfig(written: unknown, source: string): DeploymentConfig {
  return parseConfig(deploymentSchema, written, { source });
}

/** The file is checked as it is first: what is wrong with it is wrong for every process. */
function withOverrides(written: unknown, source: string, { control }: ConfigOverrides): DeploymentConfig {
  const config = toDeploymentConfig(written, source);
  if (control === undefined || control === config.control) return config;
  if (!config.regions.includes(control)) {
    const problem = {
      path: BASE_VARIABLES.control.name,
      expected: `one of the Regions listed in regions of ${source}`,
    };
    throw new ConfigError("environment", [problem]);
  }
  return toDeploymentConfig(typeof written === "object" ? { ...written, control } : written, source);
}

function withModulesIn(folder: string, config: DeploymentConfig): DeploymentConfig {
  const wrapStores = lookup(Object.entries(config.wrapStores), (store) =>
    store.kind === "module" ? Object.freeze({ ...store, module: resolve(folder, store.module) }) : store,
  );
  return Object.freeze({ ...config, wrapStores: Object.freeze(wrapStores) });
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    const reason = cause instanceof Error && "code" in cause ? String(cause.code) : "unknown";
    throw new RuntimeError("RUNTIME_CONFIG_UNREADABLE", `cannot read the configuration file ${file} (${reason})`, {
      cause,
      context: { file, reason },
    });
  }
}

function parseYaml(text: string, source: string): unknown {
  const lines = new LineCounter();
  // Pretty errors quote the lines around the fault; the level `silent` would let a second document pass.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: "error" });
  const problems = [...document.errors, ...document.warnings].map((error) => problemOf(error, lines));
  if (problems.length > 0) throw new ConfigError(source, problems);
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch {
    throw new ConfigError(source, [
      { path: "(whole document)", expected: "a document with few aliases that each name an anchor" },
    ]);
  }
}

function problemOf(error: YAMLError, lines: LineCounter): ConfigProblem {
  const { line, col } = lines.linePos(error.pos[0]);
  const expected = expectations[error.code] ?? `correct YAML (${error.code})`;
  return { path: `line ${line}, column ${col}`, expected };
}

const expectations: Partial<Record<YAMLError["code"], string>> = {
  DUPLICATE_KEY: "every key of a map once only",
  TAG_RESOLVE_FAILED: "plain values without tags",
  TAB_AS_INDENT: "spaces for indentation, not tabs",
  BAD_INDENT: "entries of one map indented alike",
  MULTIPLE_DOCS: "one document only",
  MISSING_CHAR: "a closing quote or bracket, or a missing ':' or ','",
};
