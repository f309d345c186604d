import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { findCircles } from "./architecture/circles.ts";
import { mayImport } from "./architecture/floors.ts";
import { readSource } from "./architecture/imports.ts";
import {
  importedFile,
  packageOf,
  readManifest,
  readWorkspaces,
  root,
  type Workspace,
} from "./architecture/workspaces.ts";

const workspaces = readWorkspaces();
const own = workspaces.filter(({ name }) => name !== "test");
/** Tools of the whole repository, which tests anywhere may use. */
const rootTools = new Set(Object.keys(readManifest("package.json").devDependencies));

describe("imports", () => {
  it("run downward only", () => {
    const wrong = workspaces.flatMap(({ name, sources }) =>
      sources.flatMap(({ path, where, imports }) => {
        const allowed = mayImport(name, where);
        return dekhandPackages(imports)
          .filter((target) => !allowed.has(target))
          .map((target) => `${path} imports @dekhand/${target}`);
      }),
    );
    expect(wrong).toEqual([]);
  });

  it("make no circle of files", () => {
    const files = workspaces.flatMap(({ sources }) => sources);
    const graph = new Map(
      files.map(({ path, imports }) => [
        path,
        imports.filter(({ typeOnly }) => !typeOnly).flatMap(({ specifier }) => importedFile(path, specifier) ?? []),
      ]),
    );
    expect(findCircles(graph).map((circle) => circle.join(" -> "))).toEqual([]);
  });

  it("make no circle of packages", () => {
    const graph = new Map(
      workspaces.map(({ name, sources }) => [
        name,
        sources.filter(({ where }) => where === "code").flatMap(({ imports }) => dekhandPackages(imports)),
      ]),
    );
    expect(findCircles(graph).map((circle) => circle.join(" -> "))).toEqual([]);
  });

  it("are declared by the package that makes them: what its code needs, as a dependency", () => {
    const wrong = workspaces.flatMap((workspace) => {
      const { dependencies, devDependencies, folder } = workspace;
      const forTests = new Set([...dependencies, ...devDependencies, ...rootTools]);
      const forCode = folder === "test" ? forTests : new Set(dependencies);
      return workspace.sources.flatMap(({ path, where, imports }) =>
        packagesOf(imports)
          .filter((target) => !(where === "code" ? forCode : forTests).has(target))
          .map((target) => `${path} imports ${target}, which ${folder}/package.json does not declare`),
      );
    });
    expect(wrong).toEqual([]);
  });

  it("are made of everything that is declared", () => {
    const wrong = workspaces.flatMap((workspace) => {
      const { folder, dependencies, devDependencies } = workspace;
      const inCode = importedBy(workspace, "code");
      const inTests = importedBy(workspace, "tests");
      const typesOf = (name: string): string => name.replace(/^@types\//, "");
      return [
        ...dependencies.filter((name) => !inCode.has(name)).map((name) => `${folder} declares ${name} as a dependency`),
        ...devDependencies
          .filter((name) => !inTests.has(name) && !inCode.has(typesOf(name)))
          .map((name) => `${folder} declares ${name} for development`),
      ];
    });
    expect(wrong).toEqual([]);
  });
});

describe("a package", () => {
  it("neither reads the environment nor ends the process: main.ts of a service does", () => {
    const forbidden = new Set(["env", "exit", "exitCode", "abort", "argv", "import of node:process"]);
    const wrong = own
      .filter(({ folder, name }) => folder.startsWith("packages/") && name !== "testing")
      .flatMap(({ sources }) => sources)
      .filter(({ path, where }) => where === "code" && !path.endsWith("/main.ts"))
      .flatMap(({ path, processMembers }) =>
        processMembers.filter((member) => forbidden.has(member)).map((member) => `${path}: ${member}`),
      );
    expect(wrong).toEqual([]);
  });

  it.each(own.map(({ folder }) => folder))("has a README: %s", (folder) => {
    expect(existsSync(join(root, folder, "README.md"))).toBe(true);
  });

  it("names each export in src/index.ts, where others import it", () => {
    const imported = new Set(
      workspaces.flatMap(({ sources }) => sources.flatMap(({ imports }) => dekhandPackages(imports))),
    );
    const wrong = own.flatMap(({ name, folder, sources }) => {
      const index = sources.find(({ path }) => path === `${folder}/src/index.ts`);
      if (index === undefined) return imported.has(name) ? [`${folder} has no src/index.ts`] : [];
      return index.imports
        .filter(({ exportsAll }) => exportsAll)
        .map(({ specifier }) => `${index.path}: export * from ${specifier}`);
    });
    expect(wrong).toEqual([]);
  });
});

describe("what these tests look with", () => {
  it("sees every kind of import, and text that only looks like one as text", () => {
    const source = `
      import type { A } from "type-only"; import { type B } from "types-inside"; import C, { type D } from "mixed";
      export { E } from "re-exported"; export * from "all"; import "effect"; const f = await import("lazy"); require("required");
      // import { G } from "comment";
      const text = 'import { H } from "text"';`;
    const { imports } = readSource(source);
    expect(imports.map(({ specifier }) => specifier)).toEqual([
      "type-only",
      "types-inside",
      "mixed",
      "re-exported",
      "all",
      "effect",
      "lazy",
      "required",
    ]);
    expect(imports.filter(({ typeOnly }) => typeOnly).map(({ specifier }) => specifier)).toEqual([
      "type-only",
      "types-inside",
    ]);
  });

  it("sees what is done to the process", () => {
    const source =
      'const home = process.env.HOME; process["exit"](1); options.process.exit(2); const text = "process.env";';
    expect(readSource(source).processMembers).toEqual(["env", "exit"]);
  });

  it("sees a circle, and no circle where two ways lead to one place", () => {
    expect(
      findCircles(
        new Map([
          ["a", ["b", "c"]],
          ["b", ["c"]],
          ["c", []],
        ]),
      ),
    ).toEqual([]);
    expect(
      findCircles(
        new Map([
          ["a", ["b"]],
          ["b", ["c"]],
          ["c", ["b"]],
        ]),
      ),
    ).toEqual([["b", "c", "b"]]);
  });

  it("knows the floors: lower ones only, and neighbours never", () => {
    expect([...mayImport("kms", "code")]).toEqual(["errors", "envelope", "runtime", "aws"]);
    expect(mayImport("kms", "tests").has("local-aws")).toBe(true);
    expect(mayImport("control", "code").has("encryptor")).toBe(false);
    expect(mayImport("local-redis", "code")).toEqual(new Set(["errors"]));
    expect(() => mayImport("newcomer", "code")).toThrow("has no floor");
  });
});

type Imports = Workspace["sources"][number]["imports"];

function packagesOf(imports: Imports): string[] {
  return [...new Set(imports.flatMap(({ specifier }) => packageOf(specifier) ?? []))];
}

function dekhandPackages(imports: Imports): string[] {
  return packagesOf(imports).flatMap((name) => (name.startsWith("@dekhand/") ? name.replace("@dekhand/", "") : []));
}

function importedBy({ sources }: Workspace, where: "code" | "tests"): ReadonlySet<string> {
  return new Set(sources.filter((source) => source.where === where).flatMap(({ imports }) => packagesOf(imports)));
}
