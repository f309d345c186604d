#!/usr/bin/env node
import { run } from "./run.ts";
import { watchOutput } from "./terminal/watch-output.ts";

const ending = new AbortController();
let signals = 0;
for (const name of ["SIGINT", "SIGTERM"] as const) {
  process.on(name, () => {
    signals += 1;
    // The first asks the command to end; the second does not ask.
    if (signals === 1) ending.abort();
    else process.exit(130);
  });
}

watchOutput({ "standard output": process.stdout, "standard error": process.stderr }, ending);

process.exitCode = await run(process.argv.slice(2), {
  env: process.env,
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  signal: ending.signal,
});
