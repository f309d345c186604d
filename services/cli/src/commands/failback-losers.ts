/** Records that lost when two Regions' writes were settled: listed, and opened into a file. */

import { open } from "@dekhand/envelope";
import { listLosers, openDrillRegion } from "@dekhand/recovery";
import { createMetrics } from "@dekhand/runtime";
import type { Loser, StoredRecord } from "@dekhand/store";
import { type CommandContext, note, print, printJson } from "../command-context.ts";
import type { Connection } from "../connect.ts";
import { CliError } from "../errors.ts";
import { SomeFailed } from "../run-outcome.ts";
import { formatTable } from "../terminal/table.ts";
import { writeNewFile } from "./read.ts";
import { openReplicas } from "./replicas-open.ts";

export async function showLosers(
  context: CommandContext,
  connection: Connection,
  { json = false }: { readonly json?: boolean | undefined },
): Promise<void> {
  const { losers, malformed, silent } = await allLosers(context, connection);
  for (const { region, code } of silent) note(context, `${region} does not answer (${code}): it may know of more`);
  if (malformed > 0) note(context, `warning: ${malformed} entries cannot be read`);
  if (json) printJson(context, losers);
  else if (losers.length === 0) note(context, "no record has lost against another one");
  else for (const line of formatTable(headings, losers.map(toRow))) print(context, line);
  if (silent.length > 0 || malformed > 0) throw new SomeFailed();
}

const headings = ["record", "kept in", "revision", "epoch", "seal", "settled at"];

function toRow({ recordId, region, revision, epoch, sealId, at }: Loser): (string | number)[] {
  return [recordId, region, String(revision ?? ""), epoch, sealId, at];
}

/** With nothing but the Region where it is kept. Throws CLI_USAGE for one that is not, DeksError, KmsError, StoreError. */
export async function openLoser(
  context: CommandContext,
  connection: Connection,
  { recordId, seal, output }: { readonly recordId: string; readonly seal: string; readonly output: string },
): Promise<void> {
  const { losers } = await allLosers(context, connection);
  const listed = losers.find((loser) => loser.recordId === recordId && loser.sealId === seal);
  if (!listed) throw new CliError("CLI_USAGE", "no such loser is listed", { context: { recordId, seal } });
  const { region } = listed;
  const { records } = await connection.stores(region);
  const record = await records.getLost(recordId, seal, { signal: context.signal });
  if (!record)
    throw new CliError("CLI_USAGE", "it is listed, and not kept any more", { context: { recordId, region } });
  const payload = await openRecord(context, connection, { region, record });
  try {
    await writeNewFile(output, payload);
    note(context, `${recordId}: ${payload.length} bytes written to ${output}`);
  } finally {
    payload.fill(0);
  }
}

async function openRecord(
  { signal }: CommandContext,
  { config, logger, redisUrl }: Connection,
  { region, record }: { readonly region: string; readonly record: StoredRecord },
): Promise<Buffer> {
  using there = openDrillRegion({ config, region, redisUrl, logger, metrics: createMetrics({ service: "cli" }) });
  const { recordId, dekId, context, contentType, revision, epoch, envelope } = record;
  using lease = await there.deks.acquire({ dekId, context }, { signal });
  const bound = { recordId, context, contentType, epoch, ...(revision === undefined ? {} : { revision }) };
  return open(lease.dek, envelope, bound);
}

async function allLosers({ signal }: CommandContext, connection: Connection) {
  using replicas = openReplicas(connection);
  const { regionOf } = replicas.reconcile;
  return await listLosers(connection.config.regions, (region) => regionOf(region).stores.state, { signal });
}
