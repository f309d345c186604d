import { spawn } from "node:child_process";
import { once } from "node:events";

/** Runs a command to its end; throws, with the end of what it wrote to standard error, unless it exits with 0. */
export async function run(command: string, args: readonly string[], cwd?: string): Promise<void> {
  const child = spawn(command, args, { stdio: ["ignore", "ignore", "pipe"], ...(cwd === undefined ? {} : { cwd }) });
  let complaint = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    complaint = (complaint + text).slice(-500);
  });
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`${command} ended with code ${String(code)}: ${complaint.trim()}`);
}
