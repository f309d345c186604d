import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import { root } from "./architecture/workspaces.ts";

const docs = "docs/errors.md";
const listed = await codesInSources();
const documented = codesInDocs();

describe("error codes", () => {
  it("are all explained in docs/errors.md", () => {
    const missing = [...listed].flatMap(([code, file]) => (documented.includes(code) ? [] : [`${code} (${file})`]));
    expect(missing, `add a row to ${docs} for each`).toEqual([]);
  });

  it("that docs/errors.md explains all exist", () => {
    expect(
      documented.filter((code) => !listed.has(code)),
      `rows of ${docs} without a code in any errors.ts`,
    ).toEqual([]);
  });

  it("are explained once", () => {
    expect(documented.filter((code, index) => documented.indexOf(code) !== index)).toEqual([]);
  });

  it("begin with the name of their package", () => {
    const wrong = [...listed].filter(([code, file]) => !code.startsWith(prefixOf(file)));
    expect(wrong).toEqual([]);
  });
});

/** Each code with the file that lists it: every exported array whose name ends in `_CODES`. */
async function codesInSources(): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const file of globSync(["packages/*/src/errors.ts", "services/*/src/errors.ts"], { cwd: root }).sort()) {
    const module: Record<string, unknown> = await import(pathToFileURL(join(root, file)).href);
    for (const [name, value] of Object.entries(module)) {
      if (!name.endsWith("_CODES") || !Array.isArray(value)) continue;
      for (const code of value) {
        const before = found.get(String(code));
        if (before !== undefined && before !== file) throw new Error(`${code} is listed in ${before} and in ${file}`);
        found.set(String(code), file);
      }
    }
  }
  return found;
}

/** The first cell of each row of a table, where it is a code. */
function codesInDocs(): string[] {
  const rows = readFileSync(join(root, docs), "utf8").matchAll(/^\| `([A-Z][A-Z0-9_]*)` \|/gm);
  return [...rows].flatMap(([, code]) => code ?? []);
}

/** `packages/local-aws/src/errors.ts` gives `LOCAL_AWS_`. */
function prefixOf(file: string): string {
  return `${(file.split(/[\\/]/)[1] ?? "").replaceAll("-", "_").toUpperCase()}_`;
}
