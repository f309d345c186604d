import { exitCodeOf } from "@dekhand/runtime";
import { runWorker } from "@dekhand/worker";
import packageJson from "../package.json" with { type: "json" };
import { assembleRewrapper } from "./assemble.ts";

const { version } = packageJson;
const { env } = process;
const run = () => runWorker({ name: "rewrapper", version, assemble: assembleRewrapper, env, process });

process.exit(await exitCodeOf(run, process.stderr));
