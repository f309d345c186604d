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
export {
  type CampaignDriverDeps,
  type CampaignDriverOptions,
  createCampaignDriver,
} from "./driver/campaign-driver.ts";
export { allSegments, type CampaignView, segmentsOf, sweepOf, viewCampaign } from "./driver/campaign-view.ts";
export { CAMPAIGN_ERROR_CODES, CampaignError, type CampaignErrorCode } from "./errors.ts";
export {
  type CheckEvidenceOptions,
  type CheckedEvidence,
  checkEvidence,
  type VerifySignature,
} from "./evidence/check-evidence.ts";
export { type CollectEvidenceOptions, collectEvidence, type EvidenceSource } from "./evidence/collect-evidence.ts";
export { renderEvidence } from "./evidence/html/evidence-page.ts";
export type { Evidence } from "./evidence/schema/evidence-schema.ts";
export type { EvidenceSignature } from "./evidence/schema/integrity-part.ts";
export {
  type EvidenceSigner,
  type EvidenceVerifier,
  kmsVerifier,
  type SignEvidenceOptions,
  signEvidence,
} from "./evidence/sign-evidence.ts";
export { type Currency, type CurrentBy, isConcluded, judgeWrap, ROTATION_SETTLES_MS } from "./is-current.ts";
export type { PageStop, WrapFailure } from "./page-stop.ts";
export {
  type PreflightCheck,
  type PreflightFindings,
  preflightDocument,
  readFindings,
} from "./phases/preflight-findings.ts";
export { type Probed, type ProbeQuestion, probeWrap } from "./phases/probe-wrap.ts";
export { VERIFY_COUNTS, type VerifyCount } from "./phases/verify-phase.ts";
export type { PlaceChoice, WrapPlace } from "./plan/choose-places.ts";
export { makePlan } from "./plan/make-plan.ts";
export {
  type PlanCampaignDeps,
  type PlanCampaignOptions,
  type PlannablePlace,
  type PlannedCampaign,
  type PlannedCampaignRequest,
  planCampaign,
} from "./plan/plan-campaign.ts";
export type {
  CampaignPlan,
  ConcernedKey,
  KmsCalls,
  PlanDollars,
  PlanInput,
  PlannedCopies,
  PlannedStore,
  PlanOptions,
  PlanTotals,
  RegionPlan,
  RewrapKind,
  TargetPlan,
  WrapCounts,
} from "./plan/plan-types.ts";
export type { PlanWarning, PlanWarningCode } from "./plan/plan-warning.ts";
export { PRICE_TABLE, type PriceTable, type RequestUnitPrices } from "./plan/price-table.ts";
export {
  type CampaignRequest,
  type ResolvedTargets,
  type ResolveTargetsDeps,
  resolveTargets,
} from "./plan/resolve-targets.ts";
export { type CampaignProgress, progressOf } from "./progress.ts";
export { type ByteRoom, createByteRoom } from "./reseal/byte-room.ts";
export { type ConcludedReseal, type ConcludeResealDeps, concludeReseal } from "./reseal/conclude-reseal.ts";
export { type CountedHeads, type CountHeadsOptions, countHeadsUnder } from "./reseal/count-heads.ts";
export { type MarkedDeks, type MarkRetiringDeps, markRetiring } from "./reseal/mark-retiring.ts";
export { createResealing, type ResealAccess, type Resealing, type ResealingDeps } from "./reseal/reseal-access.ts";
export { RESEAL_COUNTS, type ResealCount } from "./reseal/reseal-counts.ts";
export { RECORDS_STORE } from "./reseal/reseal-failures.ts";
export type { ResealRegion } from "./reseal/reseal-region.ts";
export {
  DEFAULT_JOB_DEADLINE_MS,
  MAX_SELECTED_DEKS,
  type ResealSelection,
  readJobDeadline,
  readResealSelection,
  writeJobDeadline,
  writeResealSelection,
} from "./reseal/reseal-selection.ts";
export { type ResealWaitFacts, resealWaitMs } from "./reseal/reseal-wait.ts";
export { type ReviveDeps, type RevivedDeks, reviveDek, reviveNamed } from "./reseal/revive-deks.ts";
export {
  type RunResealSegmentDeps,
  type RunResealSegmentOptions,
  runResealSegment,
} from "./reseal/run-reseal-segment.ts";
export type { GuardStatement } from "./retire/guard-statement.ts";
export type { ProbedWraps, WrapFinding, WrapFindings } from "./retire/probe-findings.ts";
export { retireKey } from "./retire/retire-key.ts";
export type {
  RetireBlocker,
  RetireDeps,
  RetireOptions,
  RetireOutcome,
  RetireReport,
  ScheduleDeletionOptions,
} from "./retire/retire-types.ts";
export { type RetirementStage, retirementStage } from "./retire/retirement-stage.ts";
export { scheduleDeletion } from "./retire/schedule-deletion.ts";
export { type WrapStoresOfDeps, wrapStoresOf } from "./retire/wrap-stores-of.ts";
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
export type { RotationTrigger } from "./rotation/handle-rotation.ts";
export {
  createRotationWatch,
  type RotationWatch,
  type RotationWatchDeps,
  type RotationWatchOptions,
} from "./rotation/rotation-watch.ts";
export {
  type RunSegmentDeps,
  type RunSegmentOptions,
  runSegment,
  type SegmentRun,
} from "./run-segment.ts";
export {
  type CampaignSettings,
  DEFAULT_SETTINGS,
  PROBES,
  type ProbeBy,
  readSettings,
  writeSettings,
} from "./settings.ts";
export { newCampaignId, startCampaign } from "./start-campaign.ts";
export {
  allows,
  CAMPAIGN_TRIGGERS,
  type CampaignState,
  type CampaignTrigger,
  type CampaignTriggerKind,
  nextStatus,
} from "./state-machine.ts";
export { type OpenedWrapAccess, type OpenWrapAccessDeps, openWrapAccess } from "./stores/open-wrap-access.ts";
export type { WrapAccess, WrapCopying } from "./wrap-access.ts";
