import { join } from "node:path";
import { type Manifest, readManifest, scope } from "./manifest.ts";

export interface SourcePackage {
  /** Without the scope. */
  readonly name: string;
  readonly folder: string;
  readonly manifest: Manifest;
}

/** These packages and all of Dekhand's own that they depend on, each after those it depends on. */
export function closureOf(names: readonly string[], packagesFolder: string): SourcePackage[] {
  const found = new Map<string, SourcePackage>();
  function add(name: string): void {
    if (found.has(name)) return;
    const folder = join(packagesFolder, name);
    const manifest = readManifest(folder);
    for (const dependency of Object.keys(manifest.dependencies ?? {})) {
      if (dependency.startsWith(scope)) add(dependency.slice(scope.length));
    }
    found.set(name, { name, folder, manifest });
  }
  for (const name of names) add(name);
  return [...found.values()];
}
