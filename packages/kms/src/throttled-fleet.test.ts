/** A fleet whose share is more than KMS has left: it finds out, gives way together, and loses nothing. */
import { CreateKeyCommand, EncryptCommand } from "@aws-sdk/client-kms";
import { type LocalAws, startLocalAws } from "@dekhand/local-aws";
import { type LocalRedis, startRedis } from "@dekhand/local-redis";
import { createLogger, createMetrics, type QuotaConfig } from "@dekhand/runtime";
import { eventually } from "@dekhand/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { KmsGovernor } from "./governor-types.ts";
import { createKmsGovernor } from "./kms-governor.ts";
import { createKmsQuota, type KmsQuota } from "./quota/kms-quota.ts";
import { openKmsClient } from "./testing/kms-client.ts";

const region = "us-east-1";
const config: QuotaConfig = {
  share: { callsPerSecond: 400 },
  reserve: 0,
  campaign: 1,
  floor: 0.04,
  workers: 4,
  source: "defaults",
  regions: {},
};
let stack: AsyncDisposableStack;
let aws: LocalAws;
let redis: LocalRedis;

beforeEach(async () => {
  stack = new AsyncDisposableStack();
  aws = stack.use(await startLocalAws({ regions: [region] }));
  redis = await startRedis();
  stack.defer(() => redis.stop());
});

afterEach(() => stack.disposeAsync());

function startWorker(): { readonly kms: KmsGovernor; readonly quota: KmsQuota } {
  const logger = createLogger({ service: "test", level: "silent" });
  const metrics = createMetrics({ service: "test" });
  const client = openKmsClient(stack, region, aws.endpoints[region] ?? "");
  const quota = createKmsQuota({ config, redisUrl: redis.url, prefix: "test", metrics, logger });
  stack.defer(() => quota.close());
  return { quota, kms: createKmsGovernor({ region, client, quota, metrics, logger }) };
}

/** A job for the fleet: `count` ReEncrypts, a share for each worker, `inFlight` at once in each. */
async function prepareCampaign(workers: readonly { readonly kms: KmsGovernor }[]) {
  const client = openKmsClient(stack, region, aws.endpoints[region] ?? "");
  const { KeyMetadata } = await client.send(new CreateKeyCommand({}));
  const keyArn = KeyMetadata?.Arn ?? "";
  const { CiphertextBlob } = await client.send(new EncryptCommand({ KeyId: keyArn, Plaintext: Buffer.alloc(32, 7) }));
  const request = {
    sourceKeyArn: keyArn,
    blob: CiphertextBlob ?? new Uint8Array(),
    sourceContext: {},
    targetKeyArn: keyArn,
    targetContext: {},
  };
  return async (count: number, inFlight: number) => {
    let left = count;
    const lane = async (kms: KmsGovernor) => {
      while (left > 0) {
        left -= 1;
        await kms.reEncrypt(request, { priority: "campaign", deadlineMs: 60_000 });
      }
    };
    await Promise.all(workers.flatMap(({ kms }) => Array.from({ length: inFlight }, () => lane(kms))));
  };
}

const counts = () => {
  const { calls = 0, errors = {} } = aws.control.callCounts()[region]?.kms.ReEncrypt ?? {};
  return { calls, throttled: errors.ThrottlingException ?? 0 };
};

describe("a fleet that KMS throttles", () => {
  it("finishes every call, with few of them thrown away, and its rate follows what KMS has left", async () => {
    const workers = Array.from({ length: 4 }, startWorker);
    const reEncrypt = await prepareCampaign(workers);
    await reEncrypt(200, 10);
    expect(counts().throttled).toBe(0);

    aws.control.setQuota(region, "crypto", 80);
    aws.control.resetCounts();
    await reEncrypt(600, 10);
    const { calls, throttled } = counts();
    expect(calls - throttled).toBe(600);
    expect(throttled).toBeLessThan(150);
    for (const { quota } of workers) expect(quota.status()[0]?.rate).toBeLessThan(250);

    aws.control.setQuota(region, "crypto", undefined);
    const [worker] = workers;
    const before = worker?.quota.status()[0]?.rate ?? 0;
    await eventually(async () => {
      await reEncrypt(20, 5);
      return (worker?.quota.status()[0]?.rate ?? 0) > before + 20;
    });
  });
});
