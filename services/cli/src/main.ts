#!/usr/bin/env node
import { run } from "./run.ts";

const interrupted = new AbortController();
let signals = 0;
for (const name of ["SIGINT", "SIGTERM"] as const) {
  process.on(name, () => {
    signals += 1;
    // The first asks the command to end; the second does not ask.
    if (signals === 1) interrupted.abort();
    else process.exit(130);
  });
}

process.exitCode = await run(process.argv.slice(2), {
  env: process.env,
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  signal: interrupted.signal,
});
