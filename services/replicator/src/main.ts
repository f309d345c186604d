import { exitCodeOf, fields, parseEnvironment, variable } from "@dekhand/runtime";
import { runWorker } from "@dekhand/worker";
import packageJson from "../package.json" with { type: "json" };
import { assembleReplicator } from "./assemble.ts";

const { version } = packageJson;
const { env } = process;
// A job is up to a hundred records, of each Region.
const concurrency = 8;

const regionList = fields.text(
  "names of AWS Regions, with commas between them",
  /^[a-z]{2,4}(-[a-z]+)+-[0-9]{1,2}(,[a-z]{2,4}(-[a-z]+)+-[0-9]{1,2})*$/,
);
const replicateRegions = variable(
  "DEKHAND_REPLICATE_REGIONS",
  regionList.transform((list) => list.split(",")).optional(),
  "the Regions that this process copies to; default all",
);

const run = () => {
  const { replicateRegions: regions } = parseEnvironment(env, { replicateRegions });
  const assemble = (assembly: Parameters<typeof assembleReplicator>[0]) => assembleReplicator({ ...assembly, regions });
  return runWorker({ name: "replicator", version, concurrency, assemble, env, process });
};

process.exit(await exitCodeOf(run, process.stderr));
