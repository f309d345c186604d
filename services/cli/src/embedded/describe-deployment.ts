import { environmentLines } from "@dekhand/local-aws";
import type { Embedded } from "./start-embedded.ts";
import type { EmbeddedServices } from "./start-services.ts";

/** How to talk to an embedded deployment from another terminal. */
export function describeDeployment(embedded: Embedded, services?: EmbeddedServices): string[] {
  return [
    "",
    "In another terminal:",
    ...environmentLines(embedded.aws).map((line) => `  ${line}`),
    `  export DEKHAND_REDIS_URL=${embedded.redisUrl}`,
    `  export DEKHAND_CONFIG=${embedded.configFile}`,
    "  npm run --silent dekhand -- keys",
    "  npm run --silent dekhand -- ingest FILE.jsonl --profile documents",
    "  npm run --silent dekhand -- read RECORD-ID",
    ...(services ? [`Health and metrics: ${services.controlUrl}/health/ready, ${services.controlUrl}/metrics`] : []),
    "",
  ];
}
