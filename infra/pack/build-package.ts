import { cp, mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { SourcePackage } from "./closure.ts";
import { notPublished, publishedManifest, scope } from "./manifest.ts";
import { run } from "./run.ts";

/**
 * Builds one package inside the stage, against the built forms of those before it: types that another package does not
 * export fail here and not at the one who installs it.
 *
 * @param stage a folder in the checkout, so that other dependencies are found above it
 * @returns the folder to be packed
 */
export async function buildPackage(source: SourcePackage, stage: string, root: string): Promise<string> {
  const folder = join(stage, source.name);
  await mkdir(folder, { recursive: true });
  await cp(join(source.folder, "src"), join(folder, "src"), { recursive: true });
  for (const text of ["README.md", "LICENSE"]) {
    await cp(join(text === "LICENSE" ? root : source.folder, text), join(folder, text));
  }
  await writeJson(join(folder, "package.json"), publishedManifest(source.manifest));
  await writeJson(join(folder, "tsconfig.json"), {
    extends: join(root, "tsconfig.json"),
    compilerOptions: { noEmit: false, declaration: true, rootDir: "src", outDir: "dist" },
    include: ["src"],
    exclude: notPublished,
  });
  await run(process.execPath, [join(root, "node_modules", "typescript", "bin", "tsc"), "--project", folder], root);
  await linkForLaterOnes(source.name, stage);
  return folder;
}

async function linkForLaterOnes(name: string, stage: string): Promise<void> {
  const scopeFolder = join(stage, "node_modules", scope);
  await mkdir(scopeFolder, { recursive: true });
  await symlink(join(stage, name), join(scopeFolder, name));
}

async function writeJson(file: string, value: object): Promise<void> {
  await writeFile(file, `${JSON.stringify(value, undefined, 2)}\n`);
}
