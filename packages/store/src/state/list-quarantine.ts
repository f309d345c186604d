import { StoreError } from "../errors.ts";
import { MAX_SORT_KEY_BYTES, requireKeyText } from "../items/keys.ts";
import { QUARANTINE_SHARDS, quarantineKind, readQuarantine, type StateItem } from "./state-items.ts";
import type { StateTable } from "./state-table.ts";
import type { Page, PageOptions, QuarantineEntry } from "./state-types.ts";

/** Where the next page starts: a shard, and the entry in it to go on after. */
interface Position {
  readonly shard: number;
  readonly after?: string;
}

/** Goes through the shards one after the other until the page is full or there are no more. */
export async function listQuarantine(
  table: StateTable,
  { cursor, limit = 100, signal }: PageOptions,
): Promise<Page<QuarantineEntry>> {
  let position: Position | undefined = cursor === undefined ? { shard: 0 } : parseCursor(cursor);
  const entries: QuarantineEntry[] = [];
  const malformed: string[] = [];
  while (position !== undefined && entries.length + malformed.length < limit) {
    const { shard, after }: Position = position;
    const room = limit - entries.length - malformed.length;
    const page = await table.page(quarantineKind(shard), { after, limit: room, signal });
    for (const item of page.items) {
      const entry = readIfPossible(item);
      if (entry) entries.push(entry);
      else malformed.push(item.id?.S ?? "");
    }
    position = page.last === undefined ? nextShard(shard) : { shard, after: page.last };
  }
  return { entries, malformed, ...(position === undefined ? {} : { cursor: formatCursor(position) }) };
}

/** One entry that cannot be read must not hide the others. */
function readIfPossible(item: StateItem): QuarantineEntry | undefined {
  try {
    return readQuarantine(item);
  } catch (error) {
    if (error instanceof StoreError && error.code === "STORE_ITEM_MALFORMED") return undefined;
    throw error;
  }
}

function nextShard(shard: number): Position | undefined {
  return shard + 1 < QUARANTINE_SHARDS ? { shard: shard + 1 } : undefined;
}

function formatCursor({ shard, after }: Position): string {
  return after === undefined ? String(shard) : `${shard}.${Buffer.from(after).toString("base64url")}`;
}

function parseCursor(cursor: string): Position {
  const match = /^(\d{1,3})(?:\.([A-Za-z0-9_-]+))?$/.exec(cursor);
  const shard = Number(match?.[1]);
  if (!match || shard >= QUARANTINE_SHARDS) throw new StoreError("STORE_VALUE_INVALID", "not a cursor of this list");
  if (match[2] === undefined) return { shard };
  const after = Buffer.from(match[2], "base64url").toString();
  return { shard, after: requireKeyText("a cursor's id", after, MAX_SORT_KEY_BYTES) };
}
