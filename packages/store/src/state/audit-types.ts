import type { CallOptions } from "../dynamodb/call-options.ts";
import type { Page, PageOptions } from "./page-types.ts";

/** What an operator did, for whoever asks later. Nothing is decided by it. */
export interface AuditEntry {
  /** UUIDv7, canonical lower-case text: `newEntryId` makes one. Entries are told in its order. */
  readonly id: string;
  /** ISO 8601. */
  readonly at: string;
  /** Who, as far as they said so. */
  readonly actor: string;
  /** In a word: `failover`. */
  readonly act: string;
  /** By name, such as `reason`; each text is cut at 1,000 characters. Never a secret. */
  readonly facts: Readonly<Record<string, string>>;
}

/** In every Region that an act concerned and that could be reached. */
export interface AuditStore {
  /** The same id again replaces the entry. */
  putAudit(entry: AuditEntry, options?: CallOptions): Promise<void>;
  /** The newest first. A page that has no cursor is the last one. */
  listAudit(options?: PageOptions): Promise<Page<AuditEntry>>;
}
