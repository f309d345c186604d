import type { BridgeKeys, KeyDirectory, ProfileHomes } from "@dekhand/deks";
import type { KmsGovernor } from "@dekhand/kms";
import type { Clock, Logger, Metrics, Profile, TableMode } from "@dekhand/runtime";
import type { CallOptions, Stores, WrapStore } from "@dekhand/store";
import type { Finding, FindingClass, FindingOutcome } from "./findings.ts";

/** What the reconciler needs of one Region. */
export interface ReconcileRegion {
  readonly region: string;
  readonly stores: Pick<Stores, "deks" | "records" | "state">;
  readonly kms: KmsGovernor;
  /** The Region's own wraps, to be scanned. */
  readonly wraps: Pick<WrapStore, "scan">;
}

/** One home Region against one of its replica Regions, for all profiles that have these two. */
export interface ReconcileScope {
  readonly home: string;
  readonly region: string;
}

export interface ReconcileDeps {
  readonly profiles: Readonly<Record<string, Profile>>;
  readonly homes: Pick<ProfileHomes, "of">;
  /** Of any Region of the profiles. */
  readonly regionOf: (region: string) => ReconcileRegion;
  readonly keys: Pick<KeyDirectory, "allows" | "current">;
  readonly bridges: BridgeKeys;
  readonly mode: TableMode;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly clock?: Clock;
}

export interface ReconcileOptions extends CallOptions {
  /** The part of the wraps whose damage KMS is asked about, 0 to 1; 1: all. Default 0. */
  readonly probe?: number;
  /** Pages of at most 500 items. Default 5. */
  readonly pagesPerSecond?: number;
  /** Begin no pass earlier than so long after the last one began, in milliseconds. Default 0: now. */
  readonly everyMs?: number;
  /** Begin anew, whoever is at it: they stop. Default false: who is at it goes on, and what nobody is at is resumed. */
  readonly takeOver?: boolean;
  readonly onProgress?: (progress: ReconcileProgress) => void;
}

/**
 * What a pass goes through, one after the other: DEKs and records as home has them, and then, in mode `regional`, what the
 * replica Region has and home lacks.
 */
export type SweepName = (typeof SWEEPS)[number];
export const SWEEPS = ["deks", "records", "back-deks", "back-records"] as const;

export interface ReconcileProgress {
  readonly sweep: SweepName;
  /** DEKs or records looked at in this sweep, by whoever was at it. */
  readonly looked: number;
  /** What has been found since this run began; known debt is not among it. */
  readonly findings: number;
}

/** How much of a profile's DEKs and records the replica Region has. */
export interface Coverage {
  readonly deks: number;
  readonly deksArrived: number;
  readonly records: number;
  /** With head, DEK and wrap, and as home has them. */
  readonly recordsArrived: number;
}

/** What a replica Region lacks of a profile, and no debt accounts for. Each DEK and record counts once. */
export interface Lacking {
  readonly deks: number;
  /** Those whose DEK it lacks among them. */
  readonly records: number;
  /** Faults that were left to somebody else, as records that both Regions have written are to a failback. */
  readonly observed: number;
}

/** What a pass counted, from its beginning, whoever was at it. */
export interface ReconcileSummary {
  readonly home: string;
  readonly region: string;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly endedAt: string;
  /** By profile. */
  readonly coverage: Readonly<Record<string, Coverage>>;
  /** By profile; those that lack nothing are left out. */
  readonly lacking: Readonly<Record<string, Lacking>>;
  readonly found: Readonly<Partial<Record<FindingClass, number>>>;
  readonly outcomes: Readonly<Record<FindingOutcome, number>>;
  /** Missing or stale, and known by a debt item already: no finding. */
  readonly known: number;
  /** Wraps that KMS was asked about. */
  readonly probed: number;
  /** Of those, wraps that it could not judge. */
  readonly unproven: number;
}

/**
 * - `finished`: all of it was looked at. `findings` are those of this run, the first 100.
 * - `elsewhere`: somebody else is at it, or has taken it over.
 * - `not-due`: the last pass began less than `everyMs` ago.
 */
export type ReconcileOutcome =
  | { readonly kind: "finished"; readonly summary: ReconcileSummary; readonly findings: readonly Finding[] }
  | { readonly kind: "elsewhere" | "not-due" };
