import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { binDir } from "./root.mjs";

/** PATH without our own node_modules/.bin: what the system itself has. */
export function systemPath() {
  const folders = (process.env.PATH ?? "").split(delimiter);
  return folders.filter((folder) => folder !== "" && folder !== binDir).join(delimiter);
}

/**
 * The first program of that name on the system's PATH.
 *
 * @param {string} name
 * @returns {string | undefined} its full path
 */
export function findProgram(name) {
  return systemPath()
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find(isProgram);
}

/** @param {string} path */
function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
