/** What the retirement of a KMS key is given, and what a step of it may come to. */

import type { CallOptions, KeyDescription, KeyLastUsage, KmsGovernor } from "@dekhand/kms";
import type { DeploymentConfig } from "@dekhand/runtime";
import type { CampaignStore, Retirement, RetirementStore, StateStore, WrapStore } from "@dekhand/store";
import type { GuardStatement } from "./guard-statement.ts";
import type { ProbedWraps } from "./probe-findings.ts";

export interface RetireDeps {
  readonly config: DeploymentConfig;
  /** Of the key's Region. */
  readonly kms: KmsGovernor;
  /** Of the control Region. */
  readonly state: RetirementStore & Pick<StateStore, "listHeartbeats">;
  /** Of the key's Region. */
  readonly leftKeys: Pick<StateStore, "leftKey" | "leaveKey">;
  readonly campaigns: Pick<CampaignStore, "list">;
  /** Every wrap store of the key's Region, as `wrapStoresOf` opens them; asked for once they are needed. */
  readonly stores: () => Promise<readonly WrapStore[]>;
  readonly now: () => Date;
}

export interface RetireCallOptions extends CallOptions {
  /** For the retirement's notes. */
  readonly actor: string;
  /** Asked before the key is touched, with everything else settled. */
  readonly confirm: (key: KeyDescription) => Promise<boolean>;
  /** Why wraps that cannot be judged are dead; without it they refuse the step. */
  readonly acceptUnknown?: string;
  /** Why a use of the key does not count; without it the soak begins anew. */
  readonly acceptUse?: string;
  /** Hears of so many wraps more, page by page. */
  readonly onProgress?: (wraps: number) => void;
}

export interface RetireOptions extends RetireCallOptions {
  /** For how long backups are kept that may hold wraps under the key, in milliseconds. */
  readonly backupsMs: number;
  /** Longer than that. Default: as it was begun with, or a day longer than backups are kept. */
  readonly soakMs?: number;
}

export interface ScheduleDeletionOptions extends RetireCallOptions {
  /** Until KMS deletes the key, 7 to 30. */
  readonly days: number;
}

/** Why a step is refused whatever the wraps are. */
export interface RetireBlocker {
  /**
   * - `configuration`: new wraps would be made under the key. `campaign`: one that concerns it has not ended.
   * - `worker`: a live one makes DEKs under it. `key-state`: it is not in the state that the step needs.
   * - `returned`: a campaign has gone back to it. `labels`: wraps say that they are under it.
   * - `used`: it was used when it should not have been.
   */
  readonly kind: "configuration" | "campaign" | "worker" | "key-state" | "returned" | "labels" | "used";
  /** For an operator. */
  readonly message: string;
}

/**
 * - `refused`: for the blockers. `wraps-found`: for wraps under the key, or that nobody can judge.
 * - `soak-begun`, `soak-restarted`: no wrap is under the key; it stays enabled and unused until the soak's end.
 * - `soaking`: that end is still to come. `declined`: what was to be confirmed was not.
 * - `disabled`: now. `already-disabled`: before; only its deletion is left, which is asked for by itself.
 * - `deletion-scheduled`: now. `deletion-pending`: before.
 */
export type RetireOutcome =
  | "refused"
  | "wraps-found"
  | "soak-begun"
  | "soak-restarted"
  | "soaking"
  | "declined"
  | "disabled"
  | "already-disabled"
  | "deletion-scheduled"
  | "deletion-pending";

export interface RetireReport {
  readonly outcome: RetireOutcome;
  readonly key: KeyDescription;
  /** As it is stored now; absent before the first soak. */
  readonly retirement?: Retirement;
  readonly blockers: readonly RetireBlocker[];
  /** What else an operator should know. */
  readonly warnings: readonly string[];
  /** Where the configuration still lists the key, for what is left under it. */
  readonly listed: readonly string[];
  /** Ids of complete campaigns that left the key: their evidence says what became of its wraps. */
  readonly leftBy: readonly string[];
  /** Where the wraps were probed. */
  readonly probe?: ProbedWraps;
  /** Where KMS was asked, and told it. */
  readonly usage?: KeyLastUsage;
  /** The key policy statement that would guard the key meanwhile. */
  readonly guard: GuardStatement;
}
