import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The parts of a package.json that this reads. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly license: string;
  readonly engines: Readonly<Record<string, string>>;
  /** Subpath to source file: `{ ".": "./src/index.ts" }`. */
  readonly exports: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
}

export function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
}

export const scope = "@dekhand/";

/** Left out of what is published: tests, what only tests use, and the contract suites, which are tests for others. */
export const notPublished = ["src/**/*.test.ts", "src/**/testing/**", "src/**/contract/**"] as const;
const contractExport = "./contract";

/**
 * The package.json that is published: built files instead of sources, exact versions, and nothing for development.
 *
 * @throws when a dependency has no exact version.
 */
export function publishedManifest(manifest: Manifest): object {
  const { name, version, description, license, engines, dependencies = {} } = manifest;
  for (const [dependency, wanted] of Object.entries(dependencies)) {
    if (!/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(wanted))
      throw new Error(`${name}: ${dependency} has no exact version: ${wanted}`);
  }
  return {
    name,
    version,
    description,
    license,
    type: "module",
    engines,
    exports: publishedExports(manifest),
    files: ["dist"],
    dependencies,
  };
}

function publishedExports({ exports }: Manifest): Record<string, { types: string; default: string }> {
  const published = Object.entries(exports).filter(([subpath]) => subpath !== contractExport);
  return Object.fromEntries(
    published.map(([subpath, source]) => {
      const built = source.replace(/^\.\/src\//, "./dist/").replace(/\.ts$/, "");
      return [subpath, { types: `${built}.d.ts`, default: `${built}.js` }];
    }),
  );
}
