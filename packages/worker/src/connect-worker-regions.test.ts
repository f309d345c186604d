import { type LocalAws, startLocalAws } from "@dekhand/local-aws";
import { createLogger, createMetrics, toDeploymentConfig } from "@dekhand/runtime";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { connectWorker } from "./connect-worker.ts";

const [home, replica, control] = ["us-east-1", "eu-west-1", "ap-southeast-2"] as const;

describe("a worker of several Regions", () => {
  let aws: LocalAws;
  beforeAll(async () => {
    aws = await startLocalAws({ regions: [home, replica, control] });
  });
  afterEach(() => aws.control.clearFaults());
  afterAll(() => aws.close());

  const connect = () => {
    const replicas = { [replica]: { key: "alias/people", strategy: "encrypt" } };
    const config = toDeploymentConfig(
      {
        ...{ prefix: "test", regions: [home, replica, control], control, endpoints: aws.endpoints },
        profiles: { people: { home, key: "alias/people", replicas } },
      },
      "test",
    );
    const logger = createLogger({ service: "test", level: "silent" });
    const metrics = createMetrics({ service: "test" });
    const credentials = { accessKeyId: "local", secretAccessKey: "local" };
    return connectWorker(
      { config, workerId: "w1", version: "0", concurrency: 1, credentials, logger, metrics },
      "test",
    );
  };

  it("connects while all Regions but its control Region are cut off, and has the tables of each", async () => {
    aws.control.cutOff(home, true);
    aws.control.cutOff(replica, true);
    const connections = await connect();
    try {
      await connections.openWrapAccess();
      for (const region of [home, replica, control]) expect(connections.storesOf(region)).toBeDefined();
      const unreachable = { code: "STORE_UNAVAILABLE", retryable: true };
      await expect(connections.storesOf(replica).probe()).rejects.toMatchObject(unreachable);
      aws.control.clearFaults();
      await connections.storesOf(replica).probe();
    } finally {
      await connections.close();
    }
  });

  it("does not connect without its control Region, and leaves nothing open", async () => {
    aws.control.cutOff(control, true);
    await expect(connect()).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
  });

  it("has no tables in a Region that the deployment does not have", async () => {
    const connections = await connect();
    expect(() => connections.storesOf("sa-east-1")).toThrow(RangeError);
    await connections.close();
  });
});
