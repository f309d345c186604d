#!/usr/bin/env node
import { run } from "./run.ts";
import { endOnSignals } from "./terminal/end-on-signals.ts";
import { watchOutput } from "./terminal/watch-output.ts";

const ending = new AbortController();
endOnSignals(process, ending);
watchOutput({ "standard output": process.stdout, "standard error": process.stderr }, ending);

process.exitCode = await run(process.argv.slice(2), {
  env: process.env,
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  signal: ending.signal,
});
