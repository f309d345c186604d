import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { endWithParent } from "./end-with-parent.ts";
import { captureLines, type LinePattern, type OutputLine, type WaitForLineOptions } from "./output-lines.ts";

export interface SpawnScriptOptions {
  /** A JavaScript or TypeScript file, run by the Node that runs the test. Either this or `command`. */
  readonly script?: string;
  /** Any other program, found on PATH. */
  readonly command?: string;
  readonly args?: readonly string[];
  /** Added to the environment of the test; `undefined` takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  /** Written to the process's standard input, which then ends unless it stays open. Default: no input. */
  readonly input?: string | Uint8Array;
  /** Leaves standard input open for `write`. Default false. */
  readonly keepInputOpen?: boolean;
  /** The line, on either stream, that means it is up. Without it the script counts as ready once spawned. */
  readonly ready?: LinePattern;
  /** How long it may take to get ready, in milliseconds. Default 40,000. */
  readonly readyTimeoutMs?: number;
  /** Kills the process when aborted. */
  readonly signal?: AbortSignal;
}

export interface Exit {
  /** The exit code, or null when a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface SpawnedScript extends AsyncDisposable {
  readonly pid: number;
  /** The line that `ready` matched; empty without `ready`. */
  readonly readyLine: string;
  /** All it printed so far, in the order of arrival. */
  readonly lines: readonly OutputLine[];
  /** All of one stream so far, lines joined by `\n`. */
  stdout(): string;
  stderr(): string;
  /** Resolves with the first line that matches, those already printed included. */
  waitForLine(pattern: LinePattern, options?: WaitForLineOptions): Promise<string>;
  /** Writes to its standard input, if that was kept open. */
  write(text: string): void;
  /** Sends a signal to the process alone, not to its children. Default SIGTERM. False if it is gone already. */
  kill(signal?: NodeJS.Signals): boolean;
  /** Resolves once it ended and its output is in. Never rejects. */
  readonly exited: Promise<Exit>;
}

/**
 * Runs a program in a process group of its own: `await using service = await spawnScript({ … })`. Disposing of it, or
 * the end of the test's process in whatever way, kills the whole group.
 *
 * @throws when it cannot be started, or ends, or stays silent, before it is ready; the message has its last lines.
 */
export async function spawnScript(options: SpawnScriptOptions): Promise<SpawnedScript> {
  const { ready, readyTimeoutMs = 40_000, signal } = options;
  signal?.throwIfAborted();
  const child = start(options);
  const output = captureLines({ stdout: child.stdout, stderr: child.stderr });
  const exited = exitOf(child);
  void exited.then((exit) => output.end(`the process ended with ${exit.signal ?? `code ${exit.code}`}`));
  const pid = await pidOf(child);
  const watch = endWithParent(pid);

  const killGroup = (): void => {
    try {
      process.kill(-pid, "SIGKILL");
    } catch {
      // Nobody is left in the group.
    }
  };
  signal?.addEventListener("abort", killGroup, { once: true });
  const dispose = async (): Promise<void> => {
    signal?.removeEventListener("abort", killGroup);
    killGroup();
    await exited;
    await watch.release();
  };
  const textOf = (stream: OutputLine["stream"]): string =>
    output.lines
      .filter((line) => line.stream === stream)
      .map(({ text }) => text)
      .join("\n");

  try {
    const readyLine = ready === undefined ? "" : await output.waitFor(ready, { timeoutMs: readyTimeoutMs, signal });
    return {
      pid,
      readyLine,
      lines: output.lines,
      stdout: () => textOf("stdout"),
      stderr: () => textOf("stderr"),
      waitForLine: (pattern, waitOptions) => output.waitFor(pattern, waitOptions),
      write: (text) => void child.stdin.write(text),
      kill: (name = "SIGTERM") => child.kill(name),
      exited,
      [Symbol.asyncDispose]: dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

function start(options: SpawnScriptOptions) {
  const { script, command, args = [], env = {}, cwd, input, keepInputOpen = false } = options;
  if ((script === undefined) === (command === undefined)) throw new TypeError("give either a script or a command");
  const program = command ?? process.execPath;
  const child = spawn(program, script === undefined ? [...args] : [script, ...args], {
    ...(cwd === undefined ? {} : { cwd }),
    env: { ...process.env, ...env },
    stdio: ["pipe", "pipe", "pipe"],
    detached: true,
  });
  // A process that does not read its input to the end is none of the test's business.
  child.stdin.on("error", () => {});
  if (!keepInputOpen) child.stdin.end(input);
  else if (input !== undefined) child.stdin.write(input);
  return child;
}

/** Rejects with the reason when the program could not be started. */
async function pidOf(child: ChildProcess): Promise<number> {
  if (child.pid === undefined) await once(child, "spawn");
  if (child.pid === undefined) throw new Error("a spawned process has a pid");
  return child.pid;
}

/** How long output may keep coming after the end, when a grandchild holds the pipes open. */
const outputGraceMs = 500;

function exitOf(child: ChildProcess): Promise<Exit> {
  return new Promise((resolve) => {
    child.once("exit", (code, signal) => {
      const done = (): void => {
        clearTimeout(timer);
        child.stdout?.destroy();
        child.stderr?.destroy();
        resolve({ code, signal });
      };
      const timer = setTimeout(done, outputGraceMs);
      child.once("close", done);
    });
  });
}
