import { basename, join } from "node:path";
import { canInstall, installPackage } from "./debian-package.mjs";
import { findProgram, systemPath } from "./find-program.mjs";
import { installedNode, removeStamp, writeStamp } from "./install-stamp.mjs";
import { SetupError, say, telling } from "./messages.mjs";
import { linkNode } from "./project-node.mjs";
import { root } from "./root.mjs";
import { runQuietly } from "./run-quietly.mjs";
import { withSetupLock } from "./setup-lock.mjs";

/**
 * Installs the dependencies if the lock file has changed since, or if they are missing or were not installed to the
 * end.
 *
 * @returns {Promise<string>} the Node to run the project on
 */
export async function ensureDependencies() {
  return installedNode() ?? (await withSetupLock(join(root, ".dekhand"), installOnce));
}

/** Whoever waited for the lock may find the work done. */
async function installOnce() {
  const installed = installedNode();
  if (installed !== undefined) return installed;
  const npm = findNpm();
  if (npm === undefined) throw new SetupError("npm is missing: install Node.js 20 or newer with its npm");
  await removeStamp();
  await telling("installing dependencies", () => npmCi(npm));
  const node = await runnableNode();
  await writeStamp(node);
  return node;
}

/** Node's own builds need this library, which the smallest systems are without. */
const library = "libatomic.so.1";

async function runnableNode() {
  let linked = await linkNode();
  if ("problem" in linked && linked.problem.includes(library) && canInstall()) {
    const problem = await installPackage("libatomic1");
    if (problem !== undefined) say(`Debian's package libatomic1 could not be installed: ${problem}`);
    linked = await linkNode();
  }
  if ("node" in linked) return linked.node;
  const wayOut = linked.problem.includes(library) ? installLibrary : "Run this with Node.js 24 or newer instead.";
  throw new SetupError(`the Node.js that comes with the dependencies cannot run here: ${linked.problem}\n${wayOut}`);
}

const installLibrary = `Install the library, or run this with Node.js 24 or newer:
  Debian, Ubuntu   sudo apt-get install libatomic1
  Fedora           sudo dnf install libatomic
  Arch             sudo pacman -S gcc-libs`;

/** @param {readonly [string, ...string[]]} npm command and first arguments */
async function npmCi([command, ...before]) {
  // A caller's NODE_ENV=production or omit setting would leave out what tests, and Node itself, come from.
  const args = ["ci", "--include=dev", "--include=optional", "--no-audit", "--no-fund", "--loglevel=error"];
  const env = { ...process.env, PATH: systemPath() };
  const { ok, output } = await runQuietly(command, [...before, ...args], { cwd: root, env });
  if (!ok) throw new SetupError(`npm ci failed:\n${output.trim()}`);
}

/** The system's npm under the system's Node: the project's own Node is about to be replaced. */
function findNpm() {
  const onPath = findProgram("npm");
  if (onPath !== undefined && findProgram("node") !== undefined) return [onPath];
  const running = process.env.npm_execpath;
  return running !== undefined && basename(running) === "npm-cli.js" ? [process.execPath, running] : undefined;
}
