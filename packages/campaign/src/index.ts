export { type Admission, type AdmitWrap, admitForeignWraps, admitOwnWraps } from "./admit-wraps.ts";
export { applyTrigger, pauseItself, type TriggerAct } from "./apply-trigger.ts";
export {
  type CensusOptions,
  type CensusPage,
  censusSegment,
  type SegmentCensusOptions,
  type StoreCensus,
  takeCensus,
} from "./census.ts";
export { type CensusGroup, type CensusTally, readTally } from "./census-tally.ts";
export { CAMPAIGN_ERROR_CODES, CampaignError, type CampaignErrorCode } from "./errors.ts";
export { type Currency, type CurrentBy, isConcluded, judgeWrap, ROTATION_SETTLES_MS } from "./is-current.ts";
export type { PageStop, WrapFailure } from "./page-stop.ts";
export {
  type RetriedFailures,
  type RetryFailuresDeps,
  type RetryFailuresOptions,
  retryFailures,
} from "./retry-failures.ts";
export { addCounts, REWRAP_COUNTS, type RewrapCount } from "./rewrap-counts.ts";
export type { RewrapOrder } from "./rewrap-order.ts";
export {
  type PageResult,
  type RewrapOutcome,
  type RewrapPageDeps,
  type RewrapPageOptions,
  rewrapPage,
} from "./rewrap-page.ts";
export {
  type RunSegmentDeps,
  type RunSegmentOptions,
  runSegment,
  type SegmentRun,
} from "./run-segment.ts";
export {
  allows,
  CAMPAIGN_TRIGGERS,
  type CampaignState,
  type CampaignTrigger,
  type CampaignTriggerKind,
  nextStatus,
} from "./state-machine.ts";
export type { WrapAccess } from "./wrap-access.ts";
