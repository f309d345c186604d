import { resolve } from "node:path";
import { createLogger, LOG_LEVELS } from "@dekhand/runtime";
import { Command } from "commander";
import { type CommandContext, note } from "../command-context.ts";
import { connect } from "../connect.ts";
import { describeDeployment } from "../embedded/describe-deployment.ts";
import { embeddedCredentials } from "../embedded/embedded-credentials.ts";
import { startEmbedded } from "../embedded/start-embedded.ts";
import { startServices } from "../embedded/start-services.ts";
import { applyPlan } from "../init/apply-plan.ts";
import { planInit } from "../init/init-plan.ts";
import { number } from "../options.ts";
import { trustedTransitKeys } from "../trusted-transit-keys.ts";
import { untilAborted } from "../until-aborted.ts";

interface DevOptions {
  readonly dataDir: string;
  readonly port: number;
  readonly services: boolean;
}

export function devCommand(context: CommandContext): Command {
  return new Command("dev")
    .description("Run a deployment on this machine that keeps its keys, tables and messages between runs")
    .option("--data-dir <folder>", "where everything is kept", ".dekhand")
    .option("--port <n>", "port of the embedded AWS", number({ min: 1, max: 65_535, integer: true }), 4_566)
    .option("--no-services", "run only the embedded AWS and Redis; start the services yourself")
    .action(async (options: DevOptions) => {
      const dataDir = resolve(options.dataDir);
      await using embedded = await startEmbedded({
        regions: ["us-east-1"],
        dataDir,
        ports: { "us-east-1": options.port },
        redisUrl: context.env.DEKHAND_REDIS_URL || undefined,
      });
      await using connection = connect(embedded.config, context, {
        credentials: embeddedCredentials,
        redisUrl: embedded.redisUrl,
        transitKey: () => transitKey(),
      });
      await applyPlan(connection, await planInit(connection, context.signal), context.signal);
      const transitKey = async () => (await trustedTransitKeys(connection, context.signal))[0]?.publicKey;

      if (!options.services) {
        await untilInterrupted(context, describeDeployment(embedded, { transitKey: await transitKey() }));
        return;
      }
      const wanted = context.env.DEKHAND_LOG_LEVEL;
      const level = LOG_LEVELS.find((known) => known === wanted) ?? "info";
      const logger = createLogger({ service: "dev", level, destination: context.stderr });
      await using services = await startServices(embedded, logger);
      await untilInterrupted(context, describeDeployment(embedded, { services, transitKey: await transitKey() }));
    });
}

async function untilInterrupted(context: CommandContext, lines: readonly string[]): Promise<void> {
  for (const line of lines) note(context, line);
  note(context, "ready; stop it with Ctrl-C");
  await untilAborted(context.signal);
}
