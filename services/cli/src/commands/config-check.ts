import { configuredQuota, shareOf } from "@dekhand/kms";
import type { DeploymentConfig, WrapStoreConfig } from "@dekhand/runtime";
import { Command } from "commander";
import { type CommandContext, note, print, printJson } from "../command-context.ts";
import { loadConfig } from "../load-config.ts";
import { number } from "../options.ts";
import { formatTable } from "../terminal/table.ts";
import { findReplicaKeys, replicaKeyLines, replicaKeyWarnings } from "./replica-keys.ts";
import { estimateReuse, type Traffic } from "./reuse-estimate.ts";

/** A DEK that serves fewer records than this is hardly shared: KMS calls then follow the number of records. */
const fewRecordsPerDek = 20;

export function configCommand(context: CommandContext): Command {
  const check = new Command("check")
    .description(
      "Check the configuration and the keys of replica Regions; show how many records share a DEK, what of the KMS quota is used, and the wrap stores",
    )
    .option("--records-per-day <n>", "records that a profile takes in a day", number({ min: 1 }), 1_000_000)
    .option("--record-bytes <n>", "size of a record's payload", number({ min: 1 }), 1_024)
    .option(
      "--scopes <n>",
      "different values of the DEK scope, for example tenants",
      number({ min: 1, integer: true }),
      100,
    )
    .option("--workers <n>", "encryptors that run at the same time", number({ min: 1, integer: true }), 4)
    .option("--offline", "do not ask KMS about the keys of replica Regions")
    .option("--json", "print one JSON document")
    .action(async (options: Traffic & { offline?: boolean; json?: boolean }, command: Command) => {
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
      const replicas = options.offline ? [] : await findReplicaKeys(config, context);
      const quotas = quotasOf(config);
      const wrapStores = Object.values(config.wrapStores);
      if (options.json) {
        printJson(context, { file, valid: true, traffic: trafficOf(options), profiles, replicas, quotas, wrapStores });
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
      for (const line of replicaKeyLines(replicas)) print(context, line);
      print(context);
      for (const line of formatTable(quotaHeadings, quotas.map(quotaRow))) print(context, line);
      for (const line of wrapStores.length === 0 ? [] : ["", ...formatTable(storeHeadings, wrapStores.map(storeRow))])
        print(context, line);
      for (const warning of replicaKeyWarnings(replicas)) note(context, warning);
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

/** Calls a second in one Region, as far as they are known without asking AWS. */
interface RegionQuota {
  readonly region: string;
  readonly accountQuota: number;
  readonly share: number;
  /** The most that campaigns take of the share. */
  readonly campaign: number;
  /** What a process always has, also without Redis. */
  readonly floorPerWorker: number;
}

function quotasOf({ regions, quota }: DeploymentConfig): RegionQuota[] {
  return regions.map((region) => {
    const accountQuota = configuredQuota(region, "crypto", quota);
    const share = shareOf("crypto", accountQuota, quota);
    const perSecond = (part: number): number => Number((share * part).toFixed(3));
    return {
      region,
      accountQuota,
      share: perSecond(1),
      campaign: perSecond((1 - quota.floor) * quota.campaign),
      floorPerWorker: perSecond(quota.floor / quota.workers),
    };
  });
}

const quotaHeadings = ["KMS calls/s", "account's quota", "Dekhand's share", "campaigns at most", "a worker's floor"];

function quotaRow({ region, accountQuota, share, campaign, floorPerWorker }: RegionQuota): (string | number)[] {
  return [region, accountQuota, share, campaign, floorPerWorker];
}

const storeHeadings = ["wrap store", "region", "kind", "where", "keys"];

function storeRow(store: WrapStoreConfig): string[] {
  return [store.name, store.region, store.kind, placeOf(store), store.keys.join(" ")];
}

/** Of a database only the variable that names it: its connection string is a secret. */
function placeOf(store: WrapStoreConfig): string {
  switch (store.kind) {
    case "dynamodb":
      return store.table;
    case "postgres":
      return store.connection;
    case "module":
      return store.module;
  }
}
