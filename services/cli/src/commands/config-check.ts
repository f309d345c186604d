import { Command } from "commander";
import { type CommandContext, note, print, printJson } from "../command-context.ts";
import { loadConfig } from "../load-config.ts";
import { number } from "../options.ts";
import { formatTable } from "../terminal/table.ts";
import { estimateReuse, type Traffic } from "./reuse-estimate.ts";

/** A DEK that serves fewer records than this is hardly shared: KMS calls then follow the number of records. */
const fewRecordsPerDek = 20;

export function configCommand(context: CommandContext): Command {
  const check = new Command("check")
    .description("Check the configuration, and estimate how many records share a DEK")
    .option("--records-per-day <n>", "records that a profile takes in a day", number({ min: 1 }), 1_000_000)
    .option("--record-bytes <n>", "size of a record's payload", number({ min: 1 }), 1_024)
    .option(
      "--scopes <n>",
      "different values of the DEK scope, for example tenants",
      number({ min: 1, integer: true }),
      100,
    )
    .option("--workers <n>", "encryptors that run at the same time", number({ min: 1, integer: true }), 4)
    .option("--json", "print one JSON document")
    .action(async (options: Traffic & { json?: boolean }, command: Command) => {
      const { config, file } = await loadConfig(context, command);
      const profiles = Object.values(config.profiles).map((profile) => {
        const estimate = estimateReuse(profile, options);
        return {
          profile: profile.name,
          home: profile.home,
          key: profile.key,
          ...estimate,
          few: estimate.recordsPerDek < fewRecordsPerDek,
        };
      });
      if (options.json) {
        printJson(context, { file, valid: true, traffic: trafficOf(options), profiles });
        return;
      }
      print(context, `${file}: valid`);
      const rows = profiles.map((each) => [
        each.profile,
        each.home,
        each.key,
        Math.round(each.recordsPerDek),
        Math.round(each.deksPerDay),
      ]);
      for (const line of formatTable(["profile", "home", "key", "records per DEK", "DEKs per day"], rows))
        print(context, line);
      for (const { profile } of profiles.filter(({ few }) => few)) {
        note(
          context,
          `warning: ${profile} seals fewer than ${fewRecordsPerDek} records per DEK: use fewer scopes or workers, or a longer reuse age`,
        );
      }
    });
  return new Command("config").description("About the configuration file").addCommand(check);
}

function trafficOf({ recordsPerDay, recordBytes, scopes, workers }: Traffic): Traffic {
  return { recordsPerDay, recordBytes, scopes, workers };
}
