import { mkdir, mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildPackage } from "./build-package.ts";
import { closureOf, type SourcePackage } from "./closure.ts";
import { run } from "./run.ts";

export interface PackedPackage {
  readonly name: string;
  readonly version: string;
  /** Full path of the tarball. */
  readonly file: string;
  readonly bytes: number;
}

const root = fileURLToPath(new URL("../..", import.meta.url));
/** What applications import; the rest comes along because these need it. */
const published = ["client", "envelope"];

/**
 * Builds and packs what applications install.
 *
 * @param out made if missing; tarballs that an earlier run left in it go.
 * @returns the packages, each after those it depends on.
 * @throws with the compiler's or npm's own words.
 */
export async function packPackages(out: string): Promise<PackedPackage[]> {
  const packages = closureOf(published, join(root, "packages"));
  await mkdir(join(root, ".dekhand"), { recursive: true });
  const stage = await mkdtemp(join(root, ".dekhand", "pack-"));
  try {
    const folders: string[] = [];
    for (const each of packages) folders.push(await buildPackage(each, stage, root));
    await mkdir(out, { recursive: true });
    await removeTarballs(out);
    await run("npm", ["pack", ...folders, "--pack-destination", out, "--ignore-scripts", "--loglevel=error"], stage);
    return await Promise.all(packages.map((each) => describe(each, out)));
  } finally {
    await rm(stage, { recursive: true, force: true });
  }
}

/** Those of another version would be installed next to the new ones by `npm install <out>/*.tgz`. */
async function removeTarballs(out: string): Promise<void> {
  const ours = (await readdir(out)).filter((name) => /^dekhand-[a-z-]+-\d.*\.tgz$/.test(name));
  await Promise.all(ours.map((name) => rm(join(out, name))));
}

async function describe({ manifest: { name, version } }: SourcePackage, out: string): Promise<PackedPackage> {
  const file = join(out, `${name.replace("@", "").replace("/", "-")}-${version}.tgz`);
  return { name, version, file, bytes: (await stat(file)).size };
}
