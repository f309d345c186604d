/** The thread of open-all.ts. Posts what is wrong with which record. */

import { parentPort, workerData } from "node:worker_threads";
import { createAwsClients } from "@dekhand/aws";
import { embeddedCredentials } from "@dekhand/cli";
import { describeError } from "@dekhand/errors";
import { createLogger, readDeploymentConfig } from "@dekhand/runtime";
import { openStores } from "@dekhand/store";
import { readerIn } from "../../stack/open-in-region.ts";
import { sha256 } from "../sha256.ts";
import { sideBySide } from "../side-by-side.ts";
import type { ToOpen } from "./open-all.ts";

const { configFile, region, records }: ToOpen = workerData;

const config = readDeploymentConfig(configFile);
const { regions, endpoints, prefix } = config;
const clients = createAwsClients({ regions, endpoints, credentials: embeddedCredentials });
const logger = createLogger({ service: "test", level: "silent" });
const storesOf = (name: string) => openStores({ client: clients.region(name).dynamodb, prefix, logger });
const faults: string[] = [];
{
  using reader = readerIn({ config, clients, storesOf }, region);
  await sideBySide(
    records,
    async ({ recordId, digest }) => {
      try {
        const payload = await reader.read(recordId);
        if (sha256(payload).toString("hex") !== digest) faults.push(`${recordId} in ${region}: another payload`);
      } catch (error) {
        const { code, message } = describeError(error);
        faults.push(`${recordId} in ${region}: ${code} ${message}`);
      }
    },
    { lanes: 16 },
  );
}
clients.destroy();
parentPort?.postMessage(faults);
