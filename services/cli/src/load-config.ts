import { access } from "node:fs/promises";
import { type DeploymentConfig, readDeploymentConfig } from "@dekhand/runtime";
import type { Command } from "commander";
import type { CommandContext } from "./command-context.ts";
import { CliError } from "./errors.ts";

const defaultFile = "dekhand.yaml";

/** The configuration that --config, DEKHAND_CONFIG or ./dekhand.yaml names, in that order; DEKHAND_CONTROL applies to it. */
export async function loadConfig(
  context: CommandContext,
  command: Command,
): Promise<{ config: DeploymentConfig; file: string }> {
  const option: unknown = command.optsWithGlobals().config;
  const named = typeof option === "string" ? option : context.env.DEKHAND_CONFIG || undefined;
  const file = named ?? defaultFile;
  const control = context.env.DEKHAND_CONTROL || undefined;
  try {
    await access(file);
  } catch (cause) {
    const advice = named ? "" : "; name one with --config or DEKHAND_CONFIG";
    throw new CliError("CLI_CONFIG_MISSING", `cannot read the configuration file ${file}${advice}`, { cause });
  }
  return { config: readDeploymentConfig(file, { control }), file };
}
