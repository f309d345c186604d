import { listPages, type PagedList } from "./list-pages.ts";
import type { Page, PageOptions } from "./page-types.ts";
import { QUARANTINE_SHARDS, quarantineKind, readQuarantine } from "./state-items.ts";
import type { StateTable } from "./state-table.ts";
import type { QuarantineEntry } from "./state-types.ts";

const quarantine: PagedList<QuarantineEntry> = {
  kinds: Array.from({ length: QUARANTINE_SHARDS }, (_, shard) => quarantineKind(shard)),
  read: readQuarantine,
};

export function listQuarantine(table: StateTable, options: PageOptions): Promise<Page<QuarantineEntry>> {
  return listPages(table, quarantine, options);
}
