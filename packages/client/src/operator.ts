/** For operators' tools: reading a record without stating what context it should have. */

import { createLogger, createMetrics, type DeploymentConfig, type Logger } from "@dekhand/runtime";
import { createRecordReader, type RecordReader } from "./record-reader.ts";
import { type Credentials, clientsFor, createRegionReaders } from "./region-readers.ts";

export { anyContext, type OpenedRecord, type RecordReader } from "./record-reader.ts";

export interface OperatorReader extends RecordReader {
  close(): Promise<void>;
}

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
  const regions = createRegionReaders({ config: options.config, clients, logger, metrics });
  return {
    ...createRecordReader(regions.regions),
    async close() {
      regions.close();
      clients.destroy();
    },
  };
}
