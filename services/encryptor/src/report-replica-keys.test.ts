import { type KeyDescription, KmsError } from "@dekhand/kms";
import { createLogger, toDeploymentConfig } from "@dekhand/runtime";
import { expect, it } from "vitest";
import { reportReplicaKeys } from "./report-replica-keys.ts";

const regions = ["us-east-1", "eu-west-1", "ap-southeast-2", "sa-east-1"];
const replica = (strategy: string) => ({ key: "alias/people", strategy });
const { profiles } = toDeploymentConfig(
  {
    prefix: "test",
    regions,
    control: "us-east-1",
    profiles: {
      people: {
        home: "us-east-1",
        key: "alias/people",
        replicas: {
          "eu-west-1": replica("encrypt"),
          "ap-southeast-2": replica("multi-region"),
          "sa-east-1": replica("encrypt"),
        },
      },
    },
  },
  "test",
);

const single = (region: string): KeyDescription => ({
  arn: `arn:aws:kms:${region}:111122223333:key/11111111-2222-3333-4444-555555555555`,
  ...{ enabled: true, state: "Enabled", usage: "ENCRYPT_DECRYPT", spec: "SYMMETRIC_DEFAULT", multiRegion: false },
});

const kms = (region: string) => ({
  async describeKey() {
    if (region !== "sa-east-1") return single(region);
    const [failureClass, operation] = ["transient", "DescribeKey"] as const;
    throw new KmsError({ failureClass, operation, region, reason: "ECONNREFUSED", attempts: 1 });
  },
});

async function report(signal: AbortSignal): Promise<unknown[]> {
  const lines: unknown[] = [];
  const write = (line: string) => void lines.push(JSON.parse(line));
  const logger = createLogger({ service: "test", destination: { write } });
  await reportReplicaKeys({ profiles, kms, logger }, signal);
  return lines;
}

it("a key that does not fit is an error, one that could not be asked for a warning, and one that fits no line", async () => {
  expect(await report(new AbortController().signal)).toEqual([
    expect.objectContaining({ level: "error", region: "ap-southeast-2", problems: ["the key is no multi-Region key"] }),
    expect.objectContaining({ level: "warn", region: "sa-east-1", profile: "people" }),
  ]);
});

it("nothing is said once the encryptor stops", async () => {
  expect(await report(AbortSignal.abort())).toEqual([]);
});
