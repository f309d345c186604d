import { createAwsClients } from "@dekhand/aws";
import { checkReplicaKeys } from "@dekhand/deks";
import { createKmsGovernors, createKmsQuota } from "@dekhand/kms";
import { createLogger, createMetrics } from "@dekhand/runtime";
import { describe, expect, it } from "vitest";
import { embeddedCredentials } from "./embedded-credentials.ts";
import { startEmbedded } from "./start-embedded.ts";

describe("an embedded deployment of several Regions", () => {
  it("has keys that fit each Region's strategy", async () => {
    const replicas = { "eu-west-1": "multi-region", "ap-southeast-2": "encrypt", "ca-central-1": "bridge" } as const;
    const regions = ["us-east-1", ...Object.keys(replicas)];
    await using embedded = await startEmbedded({ regions, replicas });
    const { config } = embedded;
    const clients = createAwsClients({ regions, endpoints: config.endpoints, credentials: embeddedCredentials });
    const logger = createLogger({ service: "test", level: "silent" });
    const metrics = createMetrics({ service: "test" });
    const quota = createKmsQuota({ config: config.quota, prefix: config.prefix, metrics, logger });
    try {
      const clientFor = (region: string) => clients.region(region).kms;
      const kms = createKmsGovernors({ clientFor, quota, metrics, logger });
      const findings = await checkReplicaKeys({ profiles: config.profiles, kms });
      expect(findings.map(({ region, strategy, problems }) => ({ region, strategy, problems }))).toEqual(
        [1, 2].flatMap(() =>
          Object.entries(replicas).map(([region, strategy]) => ({ region, strategy, problems: [] })),
        ),
      );
    } finally {
      quota.close();
      clients.destroy();
    }
  });
});
