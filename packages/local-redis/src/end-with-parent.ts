/**
 * Ends the server when this process ends, however it ends: also by SIGKILL, when no handler runs.
 *
 * A shell holds the reading end of a pipe whose writing end only this process has. A line through the pipe sends the
 * shell home; the end of the pipe without a line means that this process is gone: the server gets its signal and a
 * folder that was its own goes too.
 */

import { type ChildProcess, spawn } from "node:child_process";
import { Socket } from "node:net";

export interface ParentWatch {
  /** The server has ended: nothing is left to do. Resolves when the watch is gone too. */
  release(): Promise<void>;
}

const watchScript =
  'read -r line && exit 0; kill -s "$2" "$1" 2>/dev/null; if [ -n "$3" ]; then rm -rf -- "$3"; fi; exit 0';

export interface WatchedServer {
  readonly pid: number;
  readonly signal: "TERM" | "KILL";
  /** To be removed with the server. */
  readonly folder?: string | undefined;
}

export function endWithParent({ pid, signal, folder = "" }: WatchedServer): ParentWatch {
  const watch = spawn("/bin/sh", ["-c", watchScript, "end-with-parent", String(pid), signal, folder], {
    stdio: ["pipe", "ignore", "ignore"],
    // In a session of its own: Ctrl+C in the terminal is for the one who uses the server, not for its watch.
    detached: true,
    cwd: "/",
  });
  watch.unref();
  if (watch.stdin instanceof Socket) watch.stdin.unref();
  // Without a shell there is no watch: an orderly `stop()` still ends the server.
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
