/** For operators' tools: reading a record without stating what context it should have. */

import { createLogger, createMetrics, type DeploymentConfig, type Logger } from "@dekhand/runtime";
import { type Credentials, clientsFor, openReader } from "./open-reader.ts";
import type { RecordReader } from "./record-reader.ts";

export { anyContext, type OpenedRecord } from "./read-in-region.ts";
export type { ReadOptions, RecordReader } from "./record-reader.ts";
export type { ReadFrom } from "./region-order.ts";

export interface OperatorReader extends RecordReader {
  close(): Promise<void>;
}

/** Somebody who looks into one Region on purpose would rather wait than be sent elsewhere. */
const regionTimeoutMs = 5_000;

/** Reads with `anyContext` too, which an application must not. Closed by the caller. */
export function createOperatorReader(options: {
  readonly config: DeploymentConfig;
  readonly credentials?: Credentials;
  readonly logger?: Logger;
}): OperatorReader {
  const logger = options.logger ?? createLogger({ service: "operator", level: "warn" });
  const clients = clientsFor(options.config, {
    logger,
    ...(options.credentials && { credentials: options.credentials }),
  });
  const metrics = createMetrics({ service: "operator" });
  const reader = openReader({ config: options.config, clients, logger, metrics, regionTimeoutMs });
  return {
    read: reader.read,
    async close() {
      reader.close();
      clients.destroy();
    },
  };
}
