/**
 * One set-up at a time in a checkout, also when several commands start at once, and also after one was killed.
 *
 * The lock is a file that names its owner. It is stale when its owner, on this host, is gone, or when nobody has
 * touched it for two minutes (its owner does so every ten seconds). Who takes a stale lock away holds a second lock
 * for that moment and looks again under it: otherwise two who saw the same stale lock could each take away what the
 * other has just put there.
 */

import { mkdir, open, readFile, rm, stat, utimes } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { say } from "./messages.mjs";

const touchEveryMs = 10_000;
const staleAfterMs = 120_000;
const lookEveryMs = 100;

/**
 * @template T
 * @param {string} folder where the lock file is kept
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withSetupLock(folder, work) {
  const file = join(folder, "setup.lock");
  await mkdir(folder, { recursive: true });
  await take(file);
  const timer = setInterval(() => void touch(file), touchEveryMs);
  try {
    return await work();
  } finally {
    clearInterval(timer);
    await rm(file, { force: true });
  }
}

/** @param {string} file */
async function take(file) {
  for (let looks = 0; !(await create(file)); looks += 1) {
    if (looks === 0) say("waiting for another set-up of this checkout to finish …");
    if (!(await removeIfStale(file))) await delay(lookEveryMs);
  }
}

/** @param {string} file */
async function create(file) {
  try {
    const handle = await open(file, "wx");
    await handle.writeFile(JSON.stringify({ pid: process.pid, host: hostname() }));
    await handle.close();
    return true;
  } catch (error) {
    if (error.code === "EEXIST") return false;
    throw error;
  }
}

/** @param {string} file */
async function removeIfStale(file) {
  if (!(await isStale(file))) return false;
  const guard = `${file}.removing`;
  if (!(await create(guard))) {
    // Held for moments only: one that has stayed belongs to somebody who was killed just then.
    if (await isUntouched(guard)) await rm(guard, { force: true });
    return false;
  }
  try {
    if (await isStale(file)) await rm(file, { force: true });
  } finally {
    await rm(guard, { force: true });
  }
  return true;
}

/** @param {string} file */
async function isStale(file) {
  const owner = await readOwner(file);
  if (owner?.host === hostname() && !isAlive(owner.pid)) return true;
  return isUntouched(file);
}

/** The owner, or undefined while the file is gone or not written yet. */
async function readOwner(file) {
  try {
    return JSON.parse(await readFile(file, "utf8"));
  } catch {
    return undefined;
  }
}

/** @param {string} file */
async function isUntouched(file) {
  try {
    return Date.now() - (await stat(file)).mtimeMs > staleAfterMs;
  } catch {
    return false;
  }
}

/** @param {unknown} pid */
function isAlive(pid) {
  try {
    process.kill(Number(pid), 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

/** @param {string} file */
async function touch(file) {
  const now = new Date();
  await utimes(file, now, now).catch(() => {});
}
