export type { LocalAwsControl } from "./control/local-aws-control.ts";
export { environmentLines } from "./environment.ts";
export { LOCAL_AWS_ERROR_CODES, LocalAwsError } from "./errors.ts";
export type { OperationCounts, RegionCounts, ServiceName } from "./faults/call-counts.ts";
export type { CallFilter, CutMode, ErrorInjection, FaultDescription } from "./faults/region-faults.ts";
export type { LocalAwsOptions, LocalKmsOptions } from "./options.ts";
export type { SqsLimits } from "./sqs/index.ts";
export { type LocalAws, startLocalAws } from "./start-local-aws.ts";
