import type { CallOptions } from "../dynamodb/call-options.ts";
import type {
  Campaign,
  CampaignAct,
  CampaignEvent,
  CampaignPage,
  CampaignPageOptions,
  CampaignTransition,
  ControlsChange,
  NewCampaign,
} from "./campaign-types.ts";
import type {
  CampaignFailure,
  FailureCounts,
  FailureRef,
  FailureReport,
  ListFailuresOptions,
} from "./failure-types.ts";
import type { CheckpointOutcome, NewSegment, Segment, SegmentClaim, SegmentProgress } from "./segment-types.ts";

/** Campaigns, their segments and their failures. Every write is conditional; reads are strongly consistent. */
export interface CampaignStore {
  /**
   * Takes every lock, then creates the campaign as `planned`. Of two at once that need the same lock, one gets it; the
   * other gives back what it had taken and throws STORE_CAMPAIGN_LOCKED, whose context names the `holder`. The same
   * campaign again is accepted; STORE_CAMPAIGN_EXISTS where the id is another one's. STORE_CONTENDED when it took so long
   * that its locks were taken from it: nothing was created.
   */
  create(campaign: NewCampaign, locks: readonly string[], options?: CallOptions): Promise<Campaign>;
  get(id: string, options?: CallOptions): Promise<Campaign | undefined>;
  /** By descending id. */
  list(options?: CampaignPageOptions): Promise<CampaignPage<Campaign>>;
  /** Everything that happened to it, in order. Throws STORE_CAMPAIGN_NOT_FOUND. */
  history(id: string, options?: CallOptions): Promise<readonly CampaignEvent[]>;
  /** The id of the campaign that holds the lock and has not ended. */
  lockHolder(lock: string, options?: CallOptions): Promise<string | undefined>;

  /**
   * Changes the status of the campaign as it was read; its locks are released when that ends it. Throws
   * STORE_CAMPAIGN_CHANGED when it is not as it was read, STORE_CAMPAIGN_NOT_FOUND.
   */
  transition(id: string, change: CampaignTransition, options?: CallOptions): Promise<Campaign>;
  /** Whatever the campaign's version is; part of its history. Throws STORE_CAMPAIGN_NOT_FOUND, STORE_CONTENDED. */
  setControls(id: string, change: ControlsChange, options?: CallOptions): Promise<Campaign>;

  /**
   * Keeps a text of at most 390,000 bytes with the campaign, once: the same again is accepted, another one of that name
   * is STORE_DOCUMENT_EXISTS.
   */
  putDocument(id: string, name: string, body: string, options?: CallOptions): Promise<void>;
  getDocument(id: string, name: string, options?: CallOptions): Promise<string | undefined>;

  /** Those that exist are left as they are; STORE_SEGMENT_EXISTS where one of that number has another range. */
  createSegments(id: string, segments: readonly NewSegment[], options?: CallOptions): Promise<void>;
  getSegment(id: string, number: number, options?: CallOptions): Promise<Segment | undefined>;
  /** In the order of numbers. */
  listSegments(id: string, options?: CampaignPageOptions): Promise<CampaignPage<Segment>>;
  /**
   * Takes a segment from whoever has it. `owner` is one run's, not only one worker's: two runs of a worker must not be
   * taken for each other. Throws STORE_CAMPAIGN_NOT_FOUND, STORE_CONTENDED.
   */
  claimSegment(
    id: string,
    number: number,
    by: { readonly owner: string; readonly at: string },
    options?: CallOptions,
  ): Promise<SegmentClaim>;
  /** Saves how far `segment`, as claimed or saved last, has come; `lost` once somebody else has claimed it. */
  checkpoint(segment: Segment, progress: SegmentProgress, options?: CallOptions): Promise<CheckpointOutcome>;

  /** Counts one more attempt of each; one that an operator skipped stays skipped. Throws STORE_CONTENDED. */
  recordFailures(id: string, failures: readonly FailureReport[], options?: CallOptions): Promise<void>;
  getFailure(id: string, failure: FailureRef, options?: CallOptions): Promise<CampaignFailure | undefined>;
  listFailures(id: string, options?: ListFailuresOptions): Promise<CampaignPage<CampaignFailure>>;
  countFailures(id: string, options?: CallOptions): Promise<FailureCounts>;
  /** The wrap is current or gone. Without effect where there is no such failure. */
  resolveFailure(id: string, failure: FailureRef, options?: CallOptions): Promise<void>;
  /** Leaves an open failure as it is, on an operator's word. Throws STORE_CAMPAIGN_NOT_FOUND where there is none. */
  skipFailure(id: string, failure: FailureRef, by: CampaignAct, options?: CallOptions): Promise<CampaignFailure>;
}
