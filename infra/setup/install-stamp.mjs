/** A note inside node_modules of the lock file it was installed from: gone whenever node_modules is. */

import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { join, relative, resolve, sep } from "node:path";
import { SetupError } from "./messages.mjs";
import { modulesDir, root } from "./root.mjs";

const stampFile = join(modulesDir, ".dekhand-setup.json");

/**
 * @returns {string | undefined} the Node to run on, if what is installed is what the lock file says
 */
export function installedNode() {
  try {
    const stamp = JSON.parse(readFileSync(stampFile, "utf8"));
    const node = resolve(root, String(stamp.node));
    return stamp.lock === lockHash() && existsSync(node) ? node : undefined;
  } catch (error) {
    if (error instanceof SetupError) throw error;
    return undefined;
  }
}

/** @param {string} node the Node to run on */
export async function writeStamp(node) {
  // Relative where it lies in the checkout, which may be moved or copied.
  const noted = node.startsWith(root + sep) ? relative(root, node) : node;
  await writeFile(stampFile, `${JSON.stringify({ lock: lockHash(), node: noted })}\n`);
}

export async function removeStamp() {
  await rm(stampFile, { force: true });
}

/** One lock file installs different packages on different platforms. */
function lockHash() {
  const file = join(root, "package-lock.json");
  if (!existsSync(file)) throw new SetupError(`${file} is missing: is this checkout complete?`);
  const platform = `${process.platform}-${process.arch}`;
  return createHash("sha256").update(platform).update(readFileSync(file)).digest("hex");
}
