import { describe, expect, it } from "vitest";
import { describeDeployment } from "./describe-deployment.ts";
import { startEmbedded } from "./start-embedded.ts";

describe("describeDeployment", () => {
  it("prints no password of Redis, and quotes what a shell would take apart", async () => {
    await using embedded = await startEmbedded({ regions: ["us-east-1"] });
    const redisUrl = "redis://user:s3cret@127.0.0.1:6379";
    const lines = describeDeployment(
      { ...embedded, redisUrl, configFile: "/tmp/it's here/dekhand.yaml" },
      { transitKey: "a2V5" },
    );
    expect(lines.join("\n")).not.toContain("s3cret");
    expect(lines).toContain("  export DEKHAND_CONFIG='/tmp/it'\\''s here/dekhand.yaml'");
  });
});
