import { readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type DeploymentConfig, readDeploymentConfig } from "@dekhand/runtime";
import { parse, stringify } from "yaml";

export interface WrittenConfig {
  readonly config: DeploymentConfig;
  readonly configFile: string;
}

/** A configuration beside the one of that file, with these parts of it replaced. */
export async function configWith(
  configFile: string,
  name: string,
  parts: Readonly<Record<string, unknown>>,
): Promise<WrittenConfig> {
  const written = { ...parse(await readFile(configFile, "utf8")), ...parts };
  const file = join(dirname(configFile), `${name}.yaml`);
  await writeFile(file, stringify(written));
  return { config: readDeploymentConfig(file), configFile: file };
}
