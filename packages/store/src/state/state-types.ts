import type { CallOptions } from "../dynamodb/call-options.ts";
import type { AuditStore } from "./audit-types.ts";
import type { DebtStore } from "./debt-types.ts";
import type { DrillStore } from "./drill-types.ts";
import type { HomeStore } from "./home-types.ts";
import type { LeftKeyStore } from "./left-key-types.ts";
import type { LoserStore } from "./loser-types.ts";
import type { Page, PageOptions } from "./page-types.ts";
import type { RetirementStore } from "./retirement-types.ts";
import type { RotationStore } from "./rotation-types.ts";
import type { ScanStore } from "./scan-types.ts";

export interface TransitKeyWrap {
  readonly keyArn: string;
  readonly blob: Uint8Array;
  /** KMS's key material id, where KMS told one. */
  readonly material?: string;
  /** The campaign that swapped it in. */
  readonly campaign?: string;
  /** ISO 8601: since when it is that of a campaign. */
  readonly wrappedAt?: string;
}

/** A key pair that payloads are sealed to; the private half is wrapped by KMS, one wrap a Region. */
export interface TransitKey {
  readonly id: string;
  readonly publicKey: Uint8Array;
  readonly wraps: Readonly<Record<string, TransitKeyWrap>>;
  readonly status: "active" | "retired";
  /** ISO 8601. */
  readonly createdAt: string;
}

/** Why a job was set aside: ids, reason and digest, never a payload. */
export interface QuarantineEntry {
  /** Chosen by who writes it; the same id again replaces the entry. */
  readonly id: string;
  readonly source: string;
  readonly queue: string;
  readonly jobId?: string;
  readonly recordId?: string;
  readonly code: string;
  readonly message: string;
  /** SHA-256 of what was set aside, lower-case hex. */
  readonly digest?: string;
  /** ISO 8601. */
  readonly at: string;
}

export interface Heartbeat {
  /** One process; names no host. */
  readonly workerId: string;
  readonly service: string;
  readonly version: string;
  /** ISO 8601. */
  readonly at: string;
  /** The key ARN that new DEKs are made under: by profile, then Region. */
  readonly keys: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export interface StateStore
  extends LeftKeyStore,
    RetirementStore,
    RotationStore,
    HomeStore,
    DebtStore,
    DrillStore,
    ScanStore,
    LoserStore,
    AuditStore {
  getTransitKey(id: string, options?: CallOptions): Promise<TransitKey | undefined>;
  /** Adds a key. Repeating it is safe; STORE_TRANSIT_KEY_EXISTS when the id belongs to another key. */
  putTransitKey(key: TransitKey, options?: CallOptions): Promise<void>;
  /** Throws STORE_ITEM_MALFORMED when one cannot be read: a census must not overlook it. */
  listTransitKeys(options?: CallOptions): Promise<readonly TransitKey[]>;

  putQuarantine(entry: QuarantineEntry, options?: CallOptions): Promise<void>;
  getQuarantine(id: string, options?: CallOptions): Promise<QuarantineEntry | undefined>;
  /** In no particular order. A page that has no cursor is the last one. */
  listQuarantine(options?: PageOptions): Promise<Page<QuarantineEntry>>;
  deleteQuarantine(id: string, options?: CallOptions): Promise<void>;

  putHeartbeat(heartbeat: Heartbeat, options?: CallOptions): Promise<void>;
  /** Throws STORE_ITEM_MALFORMED when one cannot be read: whoever waits for all workers must not overlook it. */
  listHeartbeats(options?: CallOptions): Promise<readonly Heartbeat[]>;
  deleteHeartbeat(workerId: string, options?: CallOptions): Promise<void>;
}
