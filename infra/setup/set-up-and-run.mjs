import { resolve } from "node:path";
import { ensureDependencies } from "./dependencies.mjs";
import { fail } from "./messages.mjs";
import { ensureRedis } from "./redis.mjs";
import { root } from "./root.mjs";
import { runProgram } from "./run-program.mjs";

const withoutRedis = "--without-redis";

/** @param {string[]} words what follows `run.mjs` on the command line */
export async function setUpAndRun(words) {
  try {
    const needsRedis = words[0] !== withoutRedis;
    const [script, ...args] = needsRedis ? words : words.slice(1);
    const node = await ensureDependencies();
    if (needsRedis) await ensureRedis();
    if (script === undefined) return;
    // The script is ours and lies in the checkout; the working folder stays the caller's.
    await runProgram(node, [resolve(root, script), ...args]);
  } catch (error) {
    fail(error);
  }
}
