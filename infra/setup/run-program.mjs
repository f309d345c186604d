import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { delimiter } from "node:path";
import { binDir } from "./root.mjs";

/**
 * Runs a program in our place: same terminal, same input and output, our signals are its signals, and its end is ours.
 *
 * @param {string} command
 * @param {readonly string[]} args
 */
export async function runProgram(command, args) {
  const path = process.env.PATH;
  const env = { ...process.env, PATH: path === undefined || path === "" ? binDir : `${binDir}${delimiter}${path}` };
  const child = spawn(command, args, { stdio: "inherit", env });
  const stopForwarding = forwardSignals(child);
  const [code, signal] = await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (...ending) => resolve(ending));
  });
  stopForwarding();
  if (signal === null) process.exitCode = code ?? 1;
  else endBySignal(signal);
}

const forwarded = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR2", "SIGWINCH"];
/** What a terminal sends to all processes in its foreground, so that the child has it already. */
const fromTerminal = ["SIGINT", "SIGHUP", "SIGQUIT", "SIGWINCH"];

/** @param {import("node:child_process").ChildProcess} child */
function forwardSignals(child) {
  // The services take a second signal as "now, whatever is in flight": each one must arrive exactly once. (npm adds a
  // copy of its own to each Ctrl+C.)
  const forward = (signal) => {
    if (fromTerminal.includes(signal) && isInForeground()) return;
    child.kill(signal);
  };
  for (const signal of forwarded) process.on(signal, forward);
  return () => {
    for (const signal of forwarded) process.off(signal, forward);
  };
}

/** Whether we, and with us the child, are in the foreground of a terminal. */
function isInForeground() {
  try {
    // The name, in parentheses, may hold anything. After it: state, parent, group, session, terminal, its foreground group.
    const fields = readFileSync("/proc/self/stat", "latin1")
      .replace(/^.*\) /s, "")
      .split(" ");
    return fields[2] === fields[5];
  } catch {
    // No /proc: macOS.
    return process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
  }
}

/** Ends as the child did, for whoever waits for us. @param {NodeJS.Signals} signal */
function endBySignal(signal) {
  process.exitCode = 1;
  // Handlers are gone, so this ends us; SIGUSR1 alone would start the inspector instead.
  if (signal === "SIGUSR1") return;
  process.kill(process.pid, signal);
  // The signal arrives on a later turn of the event loop: be there.
  setTimeout(() => {}, 1_000);
}
