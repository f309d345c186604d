import { readFileSync } from "node:fs";

/** Whether a process runs. One that ended and that its new parent has not collected yet does not. */
export function isAlive(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) throw new TypeError(`no process id: ${pid}`);
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it is there, and somebody else's.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
  return !isZombie(pid);
}

/** Where there is no /proc (macOS), init collects at once and the question does not come up. */
function isZombie(pid: number): boolean {
  try {
    // The name, in parentheses, may hold anything; the state is the field after it.
    return /^\d+ \(.*\) Z /s.test(readFileSync(`/proc/${pid}/stat`, "latin1"));
  } catch {
    return false;
  }
}
