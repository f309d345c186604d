export type { SqsLimits } from "./sqs-limits.ts";
export { createSqsService, type SqsServiceOptions } from "./sqs-service.ts";
