import type { Campaign, CampaignStore } from "@dekhand/store";
import { Command } from "commander";
import { type CommandContext, note, print, printJson } from "../../command-context.ts";
import { connect } from "../../connect.ts";
import { loadConfig } from "../../load-config.ts";
import { number } from "../../options.ts";
import { formatTable } from "../../terminal/table.ts";
import { openCampaigns } from "./open-campaigns.ts";

interface ListOptions {
  readonly limit: number;
  readonly json?: boolean;
}

export function listCommand(context: CommandContext): Command {
  return new Command("list")
    .description("List campaigns, the newest first")
    .option("--limit <n>", "at most this many", number({ min: 1, max: 10_000, integer: true }), 50)
    .option("--json", "print one JSON document")
    .action(async ({ limit, json }: ListOptions, command: Command) => {
      const { config } = await loadConfig(context, command);
      await using connection = connect(config, context);
      const campaigns = await openCampaigns(connection);
      const all = await readAll(campaigns, context);
      // By the time of their creation: an id says nothing about it where somebody, or a rotation, has chosen it.
      const entries = all.toSorted((a, b) => b.createdAt.localeCompare(a.createdAt)).slice(0, limit);
      if (all.length > limit) note(context, "there are more campaigns; raise --limit");
      if (json) printJson(context, entries);
      else
        for (const line of formatTable(["campaign", "kind", "status", "since", "reason"], entries.map(toRow)))
          print(context, line);
    });
}

async function readAll(campaigns: Pick<CampaignStore, "list">, context: CommandContext): Promise<readonly Campaign[]> {
  const all: Campaign[] = [];
  let cursor: string | undefined;
  do {
    const page = await campaigns.list({ cursor, signal: context.signal });
    for (const id of page.malformed) note(context, `${id}: cannot be read by this version`);
    all.push(...page.entries);
    ({ cursor } = page);
  } while (cursor !== undefined);
  return all;
}

function toRow({ id, kind, status, last }: Campaign): string[] {
  return [id, kind, status, last.at, last.reason];
}
