import { describeError } from "@dekhand/errors";
import type { KeyDescription } from "@dekhand/kms";
import { Command } from "commander";
import { type CommandContext, print, printJson } from "../command-context.ts";
import { type Connection, connect } from "../connect.ts";
import { loadConfig } from "../load-config.ts";
import { formatTable } from "../terminal/table.ts";
import { trustedTransitKeys } from "../trusted-transit-keys.ts";
import { keysRetireCommand } from "./keys-retire.ts";

export function keysCommand(context: CommandContext): Command {
  return new Command("keys")
    .description("Show the profiles' KMS keys, the wraps under each key and material, transit keys and live workers")
    .option("--json", "print one JSON document")
    .addCommand(keysRetireCommand(context))
    .action(async (options: { json?: boolean }, command: Command) => {
      const { config } = await loadConfig(context, command);
      await using connection = connect(config, context);
      const keys = await describeKeys(connection, context.signal);
      const wraps = await countWraps(connection, context.signal);
      const { state } = await connection.stores(config.control);
      const transitKeys = await trustedTransitKeys(connection, context.signal);
      const workers = await state.listHeartbeats({ signal: context.signal });
      if (options.json) {
        printJson(context, { keys, wraps, transitKeys, workers });
        return;
      }
      const sections: [string, string[]][] = [
        [
          "Keys",
          formatTable(
            ["profile", "use", "key", "state", "ARN"],
            keys.map((k) => [k.profile, k.use, k.key, k.state, k.arn]),
          ),
        ],
        [
          "Wraps",
          formatTable(
            ["region", "key ARN", "material", "wraps"],
            wraps.map((w) => [w.region, w.keyArn, w.material ?? "not told", w.count]),
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
    });
}

/** A key that KMS does not show is a finding, not the end of the command. */
async function describeKeys({ config, kms }: Connection, signal: AbortSignal) {
  const wanted = Object.values(config.profiles).flatMap(({ name, home, key, retiring }) => [
    { profile: name, use: "current", key, home },
    ...retiring.map((old) => ({ profile: name, use: "retiring", key: old, home })),
  ]);
  return Promise.all(
    wanted.map(async ({ profile, use, key, home }) => {
      const found = await kms(home)
        .describeKey(key, { signal })
        .catch((error: unknown) => describeError(error).code);
      const told: Pick<KeyDescription, "arn" | "state" | "material"> =
        typeof found === "string" ? { arn: "unknown", state: found } : found;
      const material = told.material === undefined ? {} : { material: told.material };
      return { profile, use, key, region: home, state: told.state, arn: told.arn, ...material };
    }),
  );
}

async function countWraps(connection: Connection, signal: AbortSignal) {
  const perRegion = await Promise.all(
    connection.config.regions.map(
      async (region) => (await (await connection.stores(region)).deks.count({ signal })).wraps,
    ),
  );
  return perRegion.flat();
}
