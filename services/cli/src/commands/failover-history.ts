/** Failovers and failbacks, as the Regions that answer have recorded them. */

import { describeError } from "@dekhand/errors";
import { deadlineIn } from "@dekhand/runtime";
import type { AuditEntry } from "@dekhand/store";
import { type CommandContext, note, print, printJson } from "../command-context.ts";
import type { Connection } from "../connect.ts";
import { formatTable } from "../terminal/table.ts";

/** For each Region, in milliseconds. */
const deadlineMs = 5_000;
const maxShown = 100;

export async function showHistory(
  context: CommandContext,
  connection: Connection,
  { json = false }: { readonly json?: boolean },
): Promise<void> {
  const entries = await readAll(context, connection);
  if (json) printJson(context, entries);
  else if (entries.length === 0) note(context, "no home was ever moved");
  else for (const line of formatTable(headings, entries.map(toRow))) print(context, line);
}

const headings = ["at", "what", "profile", "from", "to", "epoch", "who", "why", "outcome"];

function toRow({ at, act, actor, facts }: AuditEntry): string[] {
  const { profile = "", from = "", to = "", epoch = "", reason = "", outcome = "" } = facts;
  return [at, act, profile, from, to, epoch, actor, reason, outcome];
}

/** Each Region tells of what it has heard; what was done is told by more than one. */
async function readAll(context: CommandContext, { config, stores }: Connection): Promise<readonly AuditEntry[]> {
  const { signal } = context;
  const found = new Map<string, AuditEntry>();
  for (const region of config.regions) {
    using limit = deadlineIn(deadlineMs, signal);
    try {
      const { state } = await stores(region);
      const { entries } = await state.listAudit({ limit: maxShown, signal: limit.signal });
      for (const entry of entries) if (found.get(entry.id)?.facts.outcome !== "done") found.set(entry.id, entry);
    } catch (error) {
      signal.throwIfAborted();
      note(context, `${region} does not answer (${describeError(error).code})`);
    }
  }
  return [...found.values()].toSorted((one, other) => (one.id < other.id ? 1 : -1)).slice(0, maxShown);
}
