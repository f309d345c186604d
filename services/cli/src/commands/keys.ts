import { Command } from "commander";
import { type CommandContext, note, print, printJson } from "../command-context.ts";
import { connect } from "../connect.ts";
import { loadConfig } from "../load-config.ts";
import { SomeFailed } from "../run-outcome.ts";
import { formatTable } from "../terminal/table.ts";
import { trustedTransitKeys } from "../trusted-transit-keys.ts";
import { countRegionWraps } from "./keys/count-region-wraps.ts";
import { describeKeys, strategiesOf } from "./keys/describe-keys.ts";
import { keysRetireCommand } from "./keys-retire.ts";

export function keysCommand(context: CommandContext): Command {
  return new Command("keys")
    .description(
      "Show the profiles' KMS keys in each Region, the wraps under each key and material, transit keys and live workers",
    )
    .option("--json", "print one JSON document")
    .addCommand(keysRetireCommand(context))
    .action(async (options: { json?: boolean }, command: Command) => {
      const { config } = await loadConfig(context, command);
      await using connection = connect(config, context);
      const { signal } = context;
      const keys = await describeKeys(connection, signal);
      const counted = await countRegionWraps(connection, signal);
      const wraps = counted.wraps.map((one) => ({ ...one, strategies: strategiesOf(keys, one) }));
      const { uncounted } = counted;
      const { state } = await connection.stores(config.control);
      const transitKeys = await trustedTransitKeys(connection, signal);
      const workers = await state.listHeartbeats({ signal });
      if (options.json) printJson(context, { keys, wraps, uncounted, transitKeys, workers });
      else printSections(context, { keys, wraps, transitKeys, workers });
      for (const { region, code } of uncounted) {
        note(context, `warning: wraps in ${region} could not be counted (${code})`);
      }
      if (uncounted.length > 0) throw new SomeFailed();
    });
}

interface Shown {
  readonly keys: Awaited<ReturnType<typeof describeKeys>>;
  readonly wraps: readonly {
    readonly region: string;
    readonly keyArn: string;
    readonly material?: string;
    readonly count: number;
    readonly strategies: readonly string[];
  }[];
  readonly transitKeys: Awaited<ReturnType<typeof trustedTransitKeys>>;
  readonly workers: readonly {
    readonly workerId: string;
    readonly service: string;
    readonly version: string;
    readonly at: string;
  }[];
}

function printSections(context: CommandContext, { keys, wraps, transitKeys, workers }: Shown): void {
  const sections: [string, string[]][] = [
    [
      "Keys",
      formatTable(
        ["profile", "region", "strategy", "use", "key", "state", "ARN"],
        keys.map((k) => [k.profile, k.region, k.strategy, k.use, k.key, k.state, k.arn]),
      ),
    ],
    [
      "Wraps",
      formatTable(
        ["region", "key ARN", "material", "strategy", "wraps"],
        wraps.map((w) => [w.region, w.keyArn, w.material ?? "not told", w.strategies.join(", "), w.count]),
      ),
    ],
    [
      "Transit keys",
      formatTable(
        ["id", "public half"],
        transitKeys.map((t) => [t.keyId, t.publicKey]),
      ),
    ],
    [
      "Workers",
      formatTable(
        ["id", "service", "version", "last seen"],
        workers.map((w) => [w.workerId, w.service, w.version, w.at]),
      ),
    ],
  ];
  for (const [title, lines] of sections) {
    print(context, title);
    for (const line of lines) print(context, `  ${line}`);
    print(context);
  }
}
