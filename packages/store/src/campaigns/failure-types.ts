import type { CampaignAct, CampaignPageOptions } from "./campaign-types.ts";

/** One wrap of one store in one Region. */
export interface FailureRef {
  readonly store: string;
  readonly region: string;
  /** The wrap's id in its store. */
  readonly id: string;
}

export interface FailureReport extends FailureRef {
  /** What kind of failure it is, such as `poison` or `quarantined`. */
  readonly class: string;
  /** Of the error. */
  readonly code: string;
  /** For an operator; no secrets and no input. Cut at 500 characters. */
  readonly message: string;
  /** ISO 8601. */
  readonly at: string;
}

export const FAILURE_STATES = ["open", "resolved", "skipped"] as const;

/**
 * - `open`: unresolved; no campaign completes over it.
 * - `resolved`: the wrap turned out to be current, or gone. Failing again makes it `open`.
 * - `skipped`: an operator decided to leave it, and said why. It stays so until it is resolved.
 */
export type FailureState = (typeof FAILURE_STATES)[number];

/** A failure as it is kept: what was reported last, and how it came there. */
export interface CampaignFailure extends FailureReport {
  readonly state: FailureState;
  /** How often it failed. A report whose answer was lost may count twice. */
  readonly attempts: number;
  readonly firstAt: string;
  /** Who skipped it, when and why. */
  readonly skipped?: CampaignAct;
}

export interface ListFailuresOptions extends CampaignPageOptions {
  /** Only these; a page may then hold fewer than there are. Default all. */
  readonly state?: FailureState;
}

export type FailureCounts = Readonly<Record<FailureState, number>> & {
  /** Items that this version cannot read: count them as unresolved. */
  readonly malformed: number;
};
