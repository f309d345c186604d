import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { readSource, type SourceFacts } from "./imports.ts";

export const root = fileURLToPath(new URL("../..", import.meta.url));

export interface SourceFile extends SourceFacts {
  /** From the root of the repository, with forward slashes. */
  readonly path: string;
  readonly where: "code" | "tests";
}

export interface Workspace {
  /** Without `@dekhand/`. */
  readonly name: string;
  /** From the root: `packages/kms`. */
  readonly folder: string;
  readonly sources: readonly SourceFile[];
  readonly dependencies: readonly string[];
  readonly devDependencies: readonly string[];
}

/** All packages, services and the tests across them. */
export function readWorkspaces(): Workspace[] {
  const folders = globSync(["packages/*/package.json", "services/*/package.json", "test/package.json"], { cwd: root });
  return folders.map((file) => readWorkspace(dirname(file))).sort((a, b) => a.name.localeCompare(b.name));
}

function readWorkspace(folder: string): Workspace {
  const manifest = readManifest(join(folder, "package.json"));
  const patterns = folder === "test" ? ["test/**/*.ts", "infra/**/*.ts"] : [`${folder}/src/**/*.ts`];
  const files = globSync(patterns, { cwd: root, exclude: (path) => path.includes("node_modules") });
  return {
    name: manifest.name.replace("@dekhand/", ""),
    folder: slashed(folder),
    sources: files.filter((file) => !file.endsWith(".d.ts")).map(readSourceFile),
    dependencies: Object.keys(manifest.dependencies),
    devDependencies: Object.keys(manifest.devDependencies),
  };
}

function readSourceFile(file: string): SourceFile {
  const path = slashed(file);
  return { path, where: isTestCode(path) ? "tests" : "code", ...readSource(readFileSync(join(root, file), "utf8")) };
}

/** Tests, what only they use, and contract suites, which are tests that others run. */
function isTestCode(path: string): boolean {
  return /\.test\.ts$|\/(testing|contract)\/|^test\/|^infra\//.test(path);
}

interface Manifest {
  readonly name: string;
  readonly dependencies: object;
  readonly devDependencies: object;
}

export function readManifest(file: string): Manifest {
  const parsed: Partial<Manifest> = JSON.parse(readFileSync(join(root, file), "utf8"));
  return {
    name: parsed.name ?? "",
    dependencies: parsed.dependencies ?? {},
    devDependencies: parsed.devDependencies ?? {},
  };
}

/** The package that a specifier leads to, or undefined for a file of one's own or a part of Node. */
export function packageOf(specifier: string): string | undefined {
  if (specifier.startsWith(".") || specifier.startsWith("node:")) return undefined;
  // No package, and declared by nobody: to be seen as it is written.
  if (specifier.startsWith("/")) return specifier;
  return specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
}

/** The path of the file that a relative import leads to, as `SourceFile.path` has it. */
export function importedFile(from: string, specifier: string): string | undefined {
  if (!specifier.startsWith(".")) return undefined;
  const target = join(root, dirname(from), specifier);
  return existsSync(target) ? slashed(relative(root, target)) : undefined;
}

function slashed(path: string): string {
  return path.split(sep).join("/");
}
