/** What operators did: one item an act, in the order of their ids. */

import { text, textMap } from "../items/write-values.ts";
import type { AuditEntry, AuditStore } from "./audit-types.ts";
import { requireEntryId } from "./entry-id.ts";
import { listPages, type PagedList } from "./list-pages.ts";
import { open, type StateItem, stateKey } from "./state-items.ts";
import type { StateTable } from "./state-table.ts";

const auditKind = "audit";
const entries: PagedList<AuditEntry> = { kinds: [auditKind], read: readEntry, descending: true };
/** An entry that cannot be written for its length helps nobody. */
const maxLength = 1_000;

export function createAudit(table: StateTable): AuditStore {
  return {
    putAudit: async (entry, options = {}) => table.put(entryItem(entry), options),
    listAudit: async (options = {}) => listPages(table, entries, options),
  };
}

function entryItem({ id, at, actor, act, facts }: AuditEntry): StateItem {
  return {
    ...stateKey(auditKind, requireEntryId(id)),
    at: text(at),
    actor: text(cut(actor)),
    act: text(cut(act)),
    facts: textMap(Object.fromEntries(Object.entries(facts).map(([name, fact]) => [name, cut(fact)]))),
  };
}

function readEntry(item: StateItem): AuditEntry {
  const reader = open(item);
  return {
    id: reader.text("id"),
    at: reader.text("at"),
    actor: reader.text("actor"),
    act: reader.text("act"),
    facts: reader.textMap("facts"),
  };
}

function cut(value: string): string {
  return value.slice(0, maxLength).toWellFormed();
}
