/** `dekhand drill`: opens records with nothing but one Region's tables and KMS. */

import { openDrillRegion, recordDrill, runDrill } from "@dekhand/recovery";
import { createMetrics } from "@dekhand/runtime";
import type { DrillResult, StateStore } from "@dekhand/store";
import { Command, InvalidArgumentError } from "commander";
import { type CommandContext, note, print, printJson } from "../command-context.ts";
import { type Connection, connect } from "../connect.ts";
import { loadConfig } from "../load-config.ts";
import { number } from "../options.ts";
import { SomeFailed } from "../run-outcome.ts";
import { startProgress } from "../terminal/progress.ts";
import { formatTable } from "../terminal/table.ts";
import { actorOf } from "./campaign/open-campaigns.ts";
import { requireRecordRegion } from "./replicas-open.ts";

interface Options {
  readonly region: string;
  readonly sample: DrillResult["sample"];
  readonly seed?: string;
  readonly json?: boolean;
}

export function drillCommand(context: CommandContext): Command {
  return new Command("drill")
    .description("Open records using nothing but one Region's tables and KMS; exit code 1 where any does not open")
    .requiredOption("--region <region>", "the Region that is to stand on its own")
    .option("--sample <n>", "how many records, drawn from all over the table, or all", countOrAll, 1_000)
    .option("--seed <text>", "draw the same records again (default: others each time)")
    .option("--json", "print one JSON document")
    .action(async (options: Options, command: Command) => {
      const { config } = await loadConfig(context, command);
      const region = requireRecordRegion(config, options.region);
      await using connection = connect(config, context);
      const result = await drill(context, connection, { ...options, region });
      if (options.json) printJson(context, result);
      else printResult(context, result);
      if (result.failed > 0) throw new SomeFailed();
    });
}

async function drill(context: CommandContext, connection: Connection, { region, sample, seed }: Options) {
  const { config, logger, redisUrl } = connection;
  const { signal, stderr: stream } = context;
  using there = openDrillRegion({ config, region, redisUrl, logger, metrics: createMetrics({ service: "drill" }) });
  using progress = startProgress({ label: "opened", total: sample === "all" ? undefined : sample, stream });
  let done = 0;
  const result = await runDrill(there, {
    ...{ sample, actor: actorOf(context), signal },
    ...(seed === undefined ? {} : { seed }),
    onProgress({ opened, failed }) {
      progress.advance(opened + failed - done);
      done = opened + failed;
    },
  });
  progress.finish();
  const states: Record<string, StateStore> = { [region]: there.state };
  if (config.control !== region) states[config.control] = (await connection.stores(config.control)).state;
  const writtenTo = await recordDrill(result, { states, logger }, { signal });
  for (const place of Object.keys(states)) {
    if (!writtenTo.includes(place)) note(context, `warning: the result could not be written in ${place}`);
  }
  return { ...result, writtenTo };
}

function printResult(context: CommandContext, result: DrillResult): void {
  const { region, asked, opened, failed, failures } = result;
  const format = (count: number) => count.toLocaleString("en-US");
  print(context, `${region}: ${format(opened)} opened, ${format(failed)} failed`);
  if (asked === 0) note(context, "warning: the Region has no records, so that nothing is proven");
  if (failures.length === 0) return;
  const rows = failures.map(({ recordId, code }) => [recordId ?? "the Region", code]);
  for (const line of formatTable(["record", "code"], rows)) print(context, `  ${line}`);
  if (failed > failures.length) print(context, `  and ${format(failed - failures.length)} more`);
}

function countOrAll(text: string): DrillResult["sample"] {
  if (text === "all") return "all";
  try {
    return number({ min: 1, integer: true })(text);
  } catch {
    throw new InvalidArgumentError("expected a whole number above 0, or all");
  }
}
