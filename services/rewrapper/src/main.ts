import { exitCodeOf } from "@dekhand/runtime";
import { runWorker } from "@dekhand/worker";
import packageJson from "../package.json" with { type: "json" };
import { assembleRewrapper } from "./assemble.ts";

const { version } = packageJson;
const { env } = process;
// A segment makes many KMS calls at once by itself; and what one process takes, no other works at.
const concurrency = 16;
const run = () => runWorker({ name: "rewrapper", version, concurrency, assemble: assembleRewrapper, env, process });

process.exit(await exitCodeOf(run, process.stderr));
