import { exitCodeOf } from "@dekhand/runtime";
import { runWorker } from "@dekhand/worker";
import packageJson from "../package.json" with { type: "json" };
import { assembleEncryptor } from "./assemble.ts";

const { version } = packageJson;
const { env } = process;
const run = () => runWorker({ name: "encryptor", version, assemble: assembleEncryptor, env, process });

process.exit(await exitCodeOf(run, process.stderr));
