/**
 * What a whole run leaves behind fails it: processes that it started, and files in the temporary folder.
 *
 * Each run has a temporary folder of its own, named in TMPDIR, which all its processes inherit: a process that still
 * has it in its environment at the end is one of ours (seen on Linux, through /proc), and a file in it was forgotten.
 */

import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

/** Node's and npm's own cache of compiled code goes to the temporary folder. */
const tolerated = new Set(["node-compile-cache"]);
/** Vitest's workers and the watchdog of its main process. */
const isVitest = /^vitest|^node \(vitest|vitest\/dist\//;
/** How long processes may take to be gone: the last workers are only just ending. */
const patienceMs = 5_000;

let before: string | undefined;
let folder = "";

export function setup(): void {
  before = process.env.TMPDIR;
  folder = mkdtempSync(join(realpathSync(tmpdir()), "dekhand-run-"));
  process.env.TMPDIR = folder;
}

export async function teardown(): Promise<void> {
  const processes = await lingering();
  const files = readdirSync(folder).filter((name) => !tolerated.has(name));
  if (before === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = before;
  rmSync(folder, { recursive: true, force: true });
  const found = [...processes.map((line) => `process ${line}`), ...files.map((name) => `temporary file ${name}`)];
  if (found.length === 0) return;
  process.stderr.write(`\nThe tests left something behind:\n${found.map((line) => `  ${line}\n`).join("")}`);
  process.exitCode = 1;
}

async function lingering(): Promise<string[]> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const found = processesWith(`TMPDIR=${folder}`);
    if (found.length === 0 || performance.now() > deadline) return found;
    await delay(50);
  }
}

/** The pid and command line of each other process with that entry in its environment, vitest's own workers left out. */
function processesWith(entry: string): string[] {
  return processIds().flatMap((pid) => {
    const own = pid === String(process.pid);
    if (own || !readOf(pid, "environ").split("\0").includes(entry)) return [];
    const command = readOf(pid, "cmdline").split("\0").join(" ").trim();
    // A process that has just ended has no command line any more.
    return command === "" || isVitest.test(command) ? [] : [`${pid}: ${command.slice(0, 200)}`];
  });
}

function processIds(): string[] {
  try {
    return readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  } catch {
    return [];
  }
}

function readOf(pid: string, file: "environ" | "cmdline"): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "latin1");
  } catch {
    return "";
  }
}
