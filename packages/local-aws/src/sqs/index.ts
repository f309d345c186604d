// Holds the place until the SQS service lands; overwrite this file.
import type { AwsService, JsonObject } from "../service.ts";

export interface SqsOptions {
  readonly region: string;
  readonly accountId: string;
  readonly restore?: JsonObject;
  readonly onChange?: () => void;
  readonly now?: () => number;
}

export function createSqsService(_options: SqsOptions): AwsService {
  return { targetPrefix: "AmazonSQS", operations: [], handle: async () => ({}), close: () => undefined };
}
