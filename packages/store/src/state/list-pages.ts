import { StoreError } from "../errors.ts";
import { MAX_SORT_KEY_BYTES, requireKeyText } from "../items/keys.ts";
import type { Page, PageOptions } from "./page-types.ts";
import type { StateItem } from "./state-items.ts";
import type { StateTable } from "./state-table.ts";

/** A list that is kept under one kind, or spread over several. */
export interface PagedList<T> {
  readonly kinds: readonly string[];
  /** Throws STORE_ITEM_MALFORMED. */
  readonly read: (item: StateItem) => T;
  /** Highest ids first. Default lowest first. */
  readonly descending?: boolean;
}

/** Where the next page starts: a shard, and the entry in it to go on after. */
interface Position {
  readonly shard: number;
  readonly after?: string;
}

/** Goes through the kinds one after the other until the page is full or there are no more. */
export async function listPages<T>(
  table: StateTable,
  { kinds, read, descending = false }: PagedList<T>,
  { cursor, limit = 100, signal }: PageOptions,
): Promise<Page<T>> {
  let position: Position | undefined = cursor === undefined ? { shard: 0 } : parseCursor(cursor, kinds.length);
  const entries: T[] = [];
  const malformed: string[] = [];
  while (position !== undefined && entries.length + malformed.length < limit) {
    const { shard, after }: Position = position;
    const room = limit - entries.length - malformed.length;
    const page = await table.page(kinds[shard] ?? "", { after, limit: room, descending, signal });
    for (const item of page.items) {
      const entry = readIfPossible(item, read);
      if (entry) entries.push(entry.value);
      else malformed.push(item.id?.S ?? "");
    }
    position = page.last === undefined ? nextShard(shard, kinds.length) : { shard, after: page.last };
  }
  return { entries, malformed, ...(position === undefined ? {} : { cursor: formatCursor(position) }) };
}

/** One entry that cannot be read must not hide the others. */
function readIfPossible<T>(item: StateItem, read: (item: StateItem) => T): { readonly value: T } | undefined {
  try {
    return { value: read(item) };
  } catch (error) {
    if (error instanceof StoreError && error.code === "STORE_ITEM_MALFORMED") return undefined;
    throw error;
  }
}

function nextShard(shard: number, shards: number): Position | undefined {
  return shard + 1 < shards ? { shard: shard + 1 } : undefined;
}

function formatCursor({ shard, after }: Position): string {
  return after === undefined ? String(shard) : `${shard}.${Buffer.from(after).toString("base64url")}`;
}

function parseCursor(cursor: string, shards: number): Position {
  const match = /^(\d{1,3})(?:\.([A-Za-z0-9_-]+))?$/.exec(cursor);
  const shard = Number(match?.[1]);
  if (!match || shard >= shards) throw new StoreError("STORE_VALUE_INVALID", "not a cursor of this list");
  if (match[2] === undefined) return { shard };
  const after = Buffer.from(match[2], "base64url").toString();
  return { shard, after: requireKeyText("a cursor's id", after, MAX_SORT_KEY_BYTES) };
}
