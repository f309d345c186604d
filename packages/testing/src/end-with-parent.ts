/**
 * Ends a group of processes when this process ends, however it ends: also by SIGKILL, when no handler runs.
 *
 * A shell holds the reading end of a pipe whose writing end only this process has. A line through the pipe sends the
 * shell home; the end of the pipe without a line means that this process is gone, and the shell kills the group.
 */

import { type ChildProcess, spawn } from "node:child_process";
import { Socket } from "node:net";

export interface ParentWatch {
  /** The group is gone (or may live): nothing is to be killed any more. Resolves when the watch is gone too. */
  release(): Promise<void>;
}

const watchScript = 'read -r line && exit 0; kill -s KILL -- "-$1" 2>/dev/null; exit 0';

/** @param groupId the process group, which is the pid of a child spawned with `detached: true`. */
export function endWithParent(groupId: number): ParentWatch {
  const watch = spawn("/bin/sh", ["-c", watchScript, "end-with-parent", String(groupId)], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
    cwd: "/",
  });
  // It watches a process; it is no reason for that process to live on.
  watch.unref();
  if (watch.stdin instanceof Socket) watch.stdin.unref();
  // Without a shell there is no watch: the ordinary ending of a test still kills the group.
  watch.on("error", () => {});
  watch.stdin?.on("error", () => {});
  return { release: () => sendHome(watch) };
}

function sendHome(watch: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (watch.pid === undefined || watch.exitCode !== null || watch.signalCode !== null) {
      resolve();
      return;
    }
    watch.ref();
    watch.once("exit", () => resolve());
    watch.stdin?.end("\n");
  });
}
