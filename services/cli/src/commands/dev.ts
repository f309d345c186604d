import { resolve } from "node:path";
import { Command } from "commander";
import { type CommandContext, note } from "../command-context.ts";
import { commandLogger } from "../connect.ts";
import { connectEmbedded } from "../embedded/connect-embedded.ts";
import { describeDeployment } from "../embedded/describe-deployment.ts";
import { startEmbedded } from "../embedded/start-embedded.ts";
import { startServices } from "../embedded/start-services.ts";
import { number } from "../options.ts";
import { redisUrlOf } from "../redis-url.ts";
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
        redisUrl: redisUrlOf(context),
      });
      await using connected = await connectEmbedded(embedded, context);

      if (!options.services) {
        await untilInterrupted(context, describeDeployment(embedded, { transitKey: await connected.transitKey() }));
        return;
      }
      await using services = await startServices(embedded, commandLogger(context, { service: "dev", level: "info" }));
      await untilInterrupted(
        context,
        describeDeployment(embedded, { services, transitKey: await connected.transitKey() }),
      );
    });
}

async function untilInterrupted(context: CommandContext, lines: readonly string[]): Promise<void> {
  for (const line of lines) note(context, line);
  note(context, "ready; stop it with Ctrl-C");
  await untilAborted(context.signal);
}
