import { benchmarks } from "./registry.ts";
import { runBench } from "./run-bench.ts";
import { writeToDocs } from "./write-to-docs.ts";

process.exitCode = await runBench(process.argv.slice(2), {
  benchmarks,
  writeToDocs,
  stdout: (text) => process.stdout.write(text),
  stderr: (text) => process.stderr.write(text),
});
