import { environmentLines } from "@dekhand/local-aws";
import { type DeploymentConfig, redactUrl } from "@dekhand/runtime";
import type { Embedded } from "./start-embedded.ts";
import type { EmbeddedServices } from "./start-services.ts";

export interface DescribedParts {
  /** The public transit key, in base64. */
  readonly transitKey: string | undefined;
  readonly services?: EmbeddedServices;
}

/** How to talk to an embedded deployment from another terminal. */
export function describeDeployment(embedded: Embedded, parts: DescribedParts): string[] {
  const { services, transitKey } = parts;
  const redisUrl = redactUrl(embedded.redisUrl);
  const hidden = redisUrl.includes("***") ? "  # put in the user and password of Redis" : "";
  return [
    "",
    "In another terminal:",
    ...environmentLines(embedded.aws).map((line) => `  ${line}`),
    `  export DEKHAND_REDIS_URL=${shellWord(redisUrl)}${hidden}`,
    `  export DEKHAND_CONFIG=${shellWord(embedded.configFile)}`,
    ...(transitKey === undefined ? [] : [`  export DEKHAND_TRANSIT_KEY=${shellWord(transitKey)}`]),
    "  npm run --silent dekhand -- keys",
    "  npm run --silent dekhand -- ingest FILE.jsonl --profile documents",
    "  npm run --silent dekhand -- read RECORD-ID",
    ...replicaLines(embedded.config),
    ...(services ? [`Health and metrics: ${services.controlUrl}/health/ready, ${services.controlUrl}/metrics`] : []),
    "",
  ];
}

/** What can be asked of replica Regions, with one of them as an example. */
function replicaLines({ profiles }: DeploymentConfig): string[] {
  const [region] = Object.values(profiles).flatMap(({ replicas }) => Object.keys(replicas));
  if (region === undefined) return [];
  return ["  npm run --silent dekhand -- replicas status", `  npm run --silent dekhand -- drill --region ${region}`];
}

/** A word as a POSIX shell reads it back. */
function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
